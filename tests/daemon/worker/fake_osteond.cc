// SPDX-License-Identifier: GPL-3.0-or-later
// osteond with the fake pipeline.
#include "daemon/worker/program.h"
#include "tests/daemon/worker/fake_pipeline.h"

int main(int argc, char** argv) {
  return osteon::OsteondMain(argc, argv, osteon::testing::FakePipeline());
}

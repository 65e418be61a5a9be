// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/program.h"
#include "pipelines/pipeline.h"

int main(int argc, char** argv) {
  return osteon::OsteondMain(argc, argv, {osteon::IdentifyPipeline, osteon::AnalyzeStudy});
}

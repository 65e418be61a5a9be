// SPDX-License-Identifier: GPL-3.0-or-later
// A PostgreSQL server for one test, in a temporary folder and on a Unix socket only; a cluster of
// the machine is not touched. It is ended by its process id, also when the test is killed.
#pragma once

#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon::plugin {

class PostgresServer {
 public:
  PostgresServer() {
    std::string pattern = (std::filesystem::temp_directory_path() / "osteon-pg-XXXXXX").string();
    Check(::mkdtemp(pattern.data()) != nullptr, "a temporary folder can be made");
    folder_ = pattern;
    // PostgreSQL refuses to run as root.
    if (::getuid() == 0) {
      const passwd* user = ::getpwnam("postgres");
      Check(user != nullptr, "there is a user postgres");
      Check(::chown(folder_.c_str(), user->pw_uid, user->pw_gid) == 0, "the folder can be given");
    }
    const int made =
        Wait(Spawn({Program("initdb"), "--auth=trust", "--username=osteon", "--encoding=UTF8",
                    "--locale=C.UTF-8", "--no-sync", "--pgdata=" + folder_ + "/data"}));
    Check(made == 0, "initdb makes a cluster");
    Start();
  }
  ~PostgresServer() {
    Stop();
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  std::string connection() const { return "host=" + folder_ + " dbname=postgres user=osteon"; }

  void Start() {
    // No data must outlive the test, so nothing waits for a disk.
    pid_ = Spawn({Program("postgres"), "-D", folder_ + "/data", "-k", folder_, "-c",
                  "listen_addresses=", "-c", "fsync=off"});
    const std::vector<std::string> ready = {Program("pg_isready"), "-q", "-h", folder_};
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (Wait(Spawn(ready)) != 0) {
      Check(std::chrono::steady_clock::now() < end, "PostgreSQL answers");
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  // As at a power cut: connections are not closed.
  void Stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGQUIT);
    Wait(pid_);
    pid_ = 0;
  }
  // Suspended: it neither answers nor refuses until it is continued.
  void Signal(int signal) const { ::kill(pid_, signal); }

 private:
  static std::string Program(const std::string& name) {
    glob_t found = {};
    ::glob(("/usr/lib/postgresql/*/bin/" + name).c_str(), 0, nullptr, &found);
    Check(found.gl_pathc > 0, "PostgreSQL is installed (deploy/setup.sh test)");
    std::string last = found.gl_pathv[found.gl_pathc - 1];
    ::globfree(&found);
    return last;
  }

  static pid_t Spawn(const std::vector<std::string>& command) {
    std::vector<std::string> words = {"setpriv", "--pdeathsig=QUIT"};
    if (::getuid() == 0)
      words.insert(words.end(), {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
    words.insert(words.end(), command.begin(), command.end());
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    // Its output would hide that of the test.
    if (std::freopen("/dev/null", "w", stdout) && std::freopen("/dev/null", "w", stderr))
      ::execvp(pointers[0], pointers.data());
    ::_exit(127);
  }

  static int Wait(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string folder_;
  pid_t pid_ = 0;
};

}  // namespace osteon::plugin

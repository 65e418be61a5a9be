// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/web/page.h"

#include "app_ask_js.h"
#include "app_css.h"
#include "app_dom_js.h"
#include "app_html.h"
#include "app_jobs_js.h"
#include "app_js.h"
#include "app_morning_js.h"
#include "app_orthanc_js.h"
#include "app_selftest_js.h"
#include "app_story_js.h"
#include "app_words_de_js.h"
#include "app_words_de_why_js.h"
#include "app_words_en_js.h"
#include "app_words_js.h"
#include "app_workers_js.h"
#include "explorer_js.h"

namespace osteon::plugin {
namespace {

constexpr const char* kScript = "text/javascript; charset=utf-8";

struct File {
  std::string_view name;
  std::string_view body;
  const char* content_type;
};
constexpr File kFiles[] = {{"", kAppHtml, "text/html; charset=utf-8"},
                           {"index.html", kAppHtml, "text/html; charset=utf-8"},
                           {"app.css", kAppCss, "text/css; charset=utf-8"},
                           {"app.js", kAppJs, kScript},
                           {"app.ask.js", kAppAskJs, kScript},
                           {"app.dom.js", kAppDomJs, kScript},
                           {"app.jobs.js", kAppJobsJs, kScript},
                           {"app.morning.js", kAppMorningJs, kScript},
                           {"app.orthanc.js", kAppOrthancJs, kScript},
                           {"app.selftest.js", kAppSelftestJs, kScript},
                           {"app.story.js", kAppStoryJs, kScript},
                           {"app.words.js", kAppWordsJs, kScript},
                           {"app.words.de.js", kAppWordsDeJs, kScript},
                           {"app.words.de.why.js", kAppWordsDeWhyJs, kScript},
                           {"app.words.en.js", kAppWordsEnJs, kScript},
                           {"app.workers.js", kAppWorkersJs, kScript}};

}  // namespace

HttpReply PageFile(const std::string& file) {
  for (const File& known : kFiles) {
    if (known.name != file) continue;
    HttpReply reply;
    reply.body = known.body;
    reply.content_type = known.content_type;
    // Nothing of the page comes from elsewhere, and nobody may put it into a frame.
    reply.headers["Content-Security-Policy"] =
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";
    reply.headers["Referrer-Policy"] = "no-referrer";
    return reply;
  }
  return ErrorReply(404, "there is no such file");
}

std::string_view ExplorerScript() { return kExplorerJs; }

}  // namespace osteon::plugin

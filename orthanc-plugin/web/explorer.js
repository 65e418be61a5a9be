// SPDX-License-Identifier: GPL-3.0-or-later
function osteonButton(text, href) {
  return $('<a>').attr('data-role', 'button').attr('href', '#').attr('data-icon', 'grid').attr('data-theme', 'e')
      .text(text).click(function() { window.location = href(); });
}
$('#lookup').live('pagebeforecreate', function() {
  $('#content', $('#lookup')).append(osteonButton('Osteon: jobs and reports', function() { return '../osteon/app/'; }));
});
// A study's own page: its story, or why it has none.
$('#study').live('pagebeforecreate', function() {
  osteonButton('Osteon: what happened to this study', function() { return '../osteon/app/#study=' + $.mobile.pageData.uuid; })
      .insertBefore($('#study-delete').parent().parent());
});

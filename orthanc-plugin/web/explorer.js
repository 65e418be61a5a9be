// SPDX-License-Identifier: GPL-3.0-or-later
$('#lookup').live('pagebeforecreate', function() {
  var button = $('<a>').attr('data-role', 'button').attr('href', '#').attr('data-icon', 'grid').attr('data-theme', 'e')
      .text('Osteon: jobs and reports').click(function() { window.location = '../osteon/app/'; });
  $('#content', $('#lookup')).append(button);
});

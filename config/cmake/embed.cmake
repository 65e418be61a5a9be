# SPDX-License-Identifier: GPL-3.0-or-later
# osteon_embed(config/bones_and_cutoffs.json bones_and_cutoffs_json.h kBonesAndCutoffsJson): the file as a string_view in a generated header.
function(osteon_embed file header constant)
  set(source ${CMAKE_SOURCE_DIR}/${file})
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} content)
  # Pieces, since a string literal may be limited to 64 KiB.
  string(LENGTH "${content}" length)
  set(pieces "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${content}" ${at} 8000 piece)
    string(APPEND pieces "\n  R\"osteon(${piece})osteon\"")
    math(EXPR at "${at} + 8000")
  endwhile()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/${header} CONTENT
"// Generated from ${file}.
#pragma once
#include <string_view>
namespace osteon {
inline constexpr std::string_view ${constant} =${pieces};
}
" @ONLY)
endfunction()

# osteon_cutoffs(config/bones_and_cutoffs.json cutoffs_json.h): its cut-offs as constants in a generated header; stops where the file is faulty.
function(osteon_cutoffs file header)
  set(script ${CMAKE_SOURCE_DIR}/config/cmake/cutoffs.py)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${file} ${script})
  execute_process(COMMAND python3 -B ${script} ${CMAKE_SOURCE_DIR}/${file} ${CMAKE_BINARY_DIR}/generated/${header}
    RESULT_VARIABLE failed ERROR_VARIABLE said)
  if(failed)
    message(FATAL_ERROR "${said}")
  endif()
endfunction()

# SPDX-License-Identifier: GPL-3.0-or-later
include(GNUInstallDirs)
install(TARGETS osteon osteond RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS OsteonPlugin LIBRARY DESTINATION ${CMAKE_INSTALL_DATADIR}/orthanc/plugins)
install(DIRECTORY config/models DESTINATION ${CMAKE_INSTALL_DATADIR}/osteon)
install(FILES config/osteond.toml config/orthanc-osteon.json DESTINATION ${CMAKE_INSTALL_DOCDIR})

# SPDX-License-Identifier: GPL-3.0-or-later
# What goes where, and into which package (deploy/packages): orthanc, worker, tools.
include(GNUInstallDirs)
install(TARGETS osteon RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
install(TARGETS osteon-move-ledger RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT orthanc)
install(TARGETS osteond RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT worker)
# As Debian's own plugins of Orthanc: the library is in lib, and a link in the folder that Orthanc loads.
install(TARGETS OsteonPlugin LIBRARY DESTINATION lib/orthanc COMPONENT orthanc)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
file(CREATE_LINK ../../../lib/orthanc/libOsteonPlugin.so ${CMAKE_BINARY_DIR}/packages/libOsteonPlugin.so SYMBOLIC)
install(FILES ${CMAKE_BINARY_DIR}/packages/libOsteonPlugin.so DESTINATION ${CMAKE_INSTALL_DATADIR}/orthanc/plugins COMPONENT orthanc)
install(DIRECTORY config/models DESTINATION ${CMAKE_INSTALL_DATADIR}/osteon COMPONENT worker)
install(FILES deploy/systemd/osteond.service DESTINATION lib/systemd/system COMPONENT worker)
install(FILES
  config/osteond.toml config/orthanc-osteon.json config/selection_rules.json config/findings.schema.json
  config/selection_rules.schema.json config/osteond.schema.json
  config/bones_and_cutoffs.json config/bones_and_cutoffs.schema.json config/evidence.md
  deploy/nginx-osteon.conf deploy/monitoring/osteon-alerts.yml deploy/monitoring/osteon-grafana.json deploy/CONFORMANCE.md LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT tools)
install(FILES deploy/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME MANUAL.md COMPONENT tools)

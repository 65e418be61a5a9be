# SPDX-License-Identifier: GPL-3.0-or-later
# Three Debian packages from one build: `cpack` in the build folder (deploy/release.sh does it for a release). What is only for packages
# is EXCLUDE_FROM_ALL, so that `cmake --install` writes nothing below /etc.
set(packaging ${CMAKE_SOURCE_DIR}/deploy/packages)

# The release of Debian it is built on stands in the version, so that a newer Debian's is newer.
file(STRINGS /etc/os-release debian REGEX "^VERSION_ID=")
string(REGEX REPLACE "[^0-9]" "" debian "${debian}")
set(package_version ${PROJECT_VERSION}+deb${debian})

# Configuration as installed: the shipped one with the keys of this machine.
file(READ ${CMAKE_SOURCE_DIR}/config/osteond.toml worker_configuration)
string(REPLACE "\nkey_file = \"\"" "\nkey_file = \"/etc/osteon/worker.key\"" worker_configuration "${worker_configuration}")
string(REPLACE "\nserver_public_key_file = \"\"" "\nserver_public_key_file = \"/etc/osteon/server.pub\""
  worker_configuration "${worker_configuration}")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/packages/osteond.toml CONTENT "${worker_configuration}" @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/packages/osteond.toml DESTINATION /etc/osteon COMPONENT worker EXCLUDE_FROM_ALL)
install(FILES ${packaging}/orthanc/osteon.json DESTINATION /etc/orthanc COMPONENT orthanc EXCLUDE_FROM_ALL)
install(PROGRAMS ${packaging}/tools/machine-keys DESTINATION ${CMAKE_INSTALL_DATADIR}/osteon COMPONENT tools EXCLUDE_FROM_ALL)

# Man pages, completions and changelogs are made from what the programs say of themselves, when the package is made.
foreach(part orthanc worker tools)
  install(FILES ${packaging}/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/osteon-${part} COMPONENT ${part} EXCLUDE_FROM_ALL)
  install(CODE "
    execute_process(COMMAND python3 ${packaging}/help_files.py ${part} --version ${package_version}
      --bin ${CMAKE_BINARY_DIR}/bin --out \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX} COMMAND_ERROR_IS_FATAL ANY)"
    COMPONENT ${part} EXCLUDE_FROM_ALL)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME osteon)
set(CPACK_PACKAGE_VERSION ${package_version})
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL orthanc worker tools)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENTS_IGNORE_GROUPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The Osteon project <maintainer@osteon.example>")
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_ORTHANC_PACKAGE_NAME osteon-orthanc)
set(CPACK_DEBIAN_ORTHANC_PACKAGE_DEPENDS "orthanc (>= 1.10.1), osteon-tools (>= ${PROJECT_VERSION}), init-system-helpers (>= 1.52)")
set(CPACK_DEBIAN_ORTHANC_PACKAGE_RECOMMENDS osteon-worker)
set(CPACK_DEBIAN_ORTHANC_PACKAGE_CONTROL_EXTRA ${packaging}/orthanc/postinst ${packaging}/orthanc/postrm ${packaging}/orthanc/conffiles)
set(CPACK_COMPONENT_ORTHANC_DESCRIPTION "bone lesions of CNO on whole-body MRI: plugin for Orthanc
Forwards each new whole-body MRI study to osteon-worker and stores the DICOM
Structured Report, segmentation and pictures that come back. Installed, it is
in silent mode: it analyses and stores nothing. For research; a radiologist
decides.")

set(CPACK_DEBIAN_WORKER_PACKAGE_NAME osteon-worker)
set(CPACK_DEBIAN_WORKER_PACKAGE_DEPENDS
  "adduser, osteon-tools (= ${package_version}), init-system-helpers (>= 1.52), fonts-dejavu-core")
set(CPACK_DEBIAN_WORKER_PACKAGE_RECOMMENDS "fonts-noto-core, fonts-droid-fallback")
set(CPACK_DEBIAN_WORKER_PACKAGE_CONTROL_EXTRA
  ${packaging}/worker/postinst ${packaging}/worker/prerm ${packaging}/worker/postrm ${packaging}/worker/conffiles)
set(CPACK_COMPONENT_WORKER_DESCRIPTION "bone lesions of CNO on whole-body MRI: worker
The daemon that analyses studies for the plugin in osteon-orthanc, on the same
machine or on others, and the networks it does that with. For research; a
radiologist decides.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME osteon-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS osteon-worker)
set(CPACK_COMPONENT_TOOLS_DESCRIPTION "bone lesions of CNO on whole-body MRI: command line
Shows what plugin and workers do, finds what is wrong between them, makes their
keys, and analyses folders of DICOM (with the networks of osteon-worker). The
manual and every configuration file with all its keys are in
/usr/share/doc/osteon.")
include(CPack)

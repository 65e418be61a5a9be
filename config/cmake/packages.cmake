# SPDX-License-Identifier: GPL-3.0-or-later
# Third parties, all from Debian 12 (deploy/packages.txt). Each is linked PRIVATE by the one folder that sees it.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(DCMTK CONFIG REQUIRED)
find_package(ITK REQUIRED COMPONENTS ITKCommon ITKBiasCorrection ITKThresholding ITKConnectedComponents
  ITKDistanceMap ITKSmoothing ITKImageGrid ITKBinaryMathematicalMorphology ITKMathematicalMorphology
  ITKLabelMap ITKImageFunction ITKTransform)
# Debian keeps OpenCV's CMake and pkg-config files in libopencv-dev, which pulls 159 packages; the parts come without.
find_path(OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
foreach(part core imgproc imgcodecs dnn ml)
  find_library(OPENCV_${part} opencv_${part} REQUIRED)
  add_library(opencv::${part} UNKNOWN IMPORTED)
  set_target_properties(opencv::${part} PROPERTIES
    IMPORTED_LOCATION ${OPENCV_${part}} INTERFACE_INCLUDE_DIRECTORIES ${OPENCV_INCLUDE})
endforeach()
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq)
pkg_check_modules(PANGOCAIRO REQUIRED IMPORTED_TARGET pangocairo)
pkg_check_modules(OPENJPEG REQUIRED IMPORTED_TARGET libopenjp2)
pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx)
find_path(ORTHANC_SDK_INCLUDE orthanc/OrthancCPlugin.h REQUIRED)
find_path(TOMLPP_INCLUDE toml++/toml.h REQUIRED)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
include(GoogleTest)

// SPDX-License-Identifier: GPL-3.0-or-later
// ITK's N4 and connected components on the files of imaging_speed, in one thread:
//   itk_speed bias|label COLUMNS ROWS SLICES FOLDER
// N4 at usual settings: shrunk to 8 mm, four levels of 50 iterations, threshold 0.001, Otsu-like
// mask (above 0), and the field put on the whole volume. Prints milliseconds of the calls alone;
// writes n4.raw.
#include <itkConnectedComponentImageFilter.h>
#include <itkImage.h>
#include <itkMultiThreaderBase.h>
#include <itkN4BiasFieldCorrectionImageFilter.h>
#include <itkShrinkImageFilter.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

using Floats = itk::Image<float, 3>;
using Bytes = itk::Image<unsigned char, 3>;
using Labels = itk::Image<unsigned int, 3>;

template <typename Image>
typename Image::Pointer Load(const std::string& path, int columns, int rows, int slices) {
  auto image = Image::New();
  typename Image::SizeType size = {static_cast<unsigned>(columns), static_cast<unsigned>(rows),
                                   static_cast<unsigned>(slices)};
  const double spacing[3] = {1.5, 1.5, 6};
  image->SetRegions(typename Image::RegionType(size));
  image->SetSpacing(spacing);
  image->Allocate();
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(image->GetBufferPointer()),
            static_cast<std::streamsize>(size[0] * size[1] * size[2] *
                                         sizeof(typename Image::PixelType)));
  return image;
}

void Correct(const Floats::Pointer& body) {
  auto mask = Bytes::New();
  mask->SetRegions(body->GetLargestPossibleRegion());
  mask->CopyInformation(body);
  mask->Allocate();
  const std::size_t count = body->GetLargestPossibleRegion().GetNumberOfPixels();
  for (std::size_t n = 0; n < count; ++n)
    mask->GetBufferPointer()[n] = body->GetBufferPointer()[n] > 0 ? 1 : 0;
  auto shrink = itk::ShrinkImageFilter<Floats, Floats>::New();
  auto shrink_mask = itk::ShrinkImageFilter<Bytes, Bytes>::New();
  shrink->SetInput(body);
  shrink_mask->SetInput(mask);
  const unsigned factors[3] = {5, 5, 1};
  shrink->SetShrinkFactors(factors);
  shrink_mask->SetShrinkFactors(factors);
  shrink->Update();
  shrink_mask->Update();
  using Filter = itk::N4BiasFieldCorrectionImageFilter<Floats, Bytes, Floats>;
  auto n4 = Filter::New();
  n4->SetInput(shrink->GetOutput());
  n4->SetMaskImage(shrink_mask->GetOutput());
  Filter::VariableSizeArrayType iterations(4);
  iterations.Fill(50);
  n4->SetMaximumNumberOfIterations(iterations);
  n4->SetNumberOfFittingLevels(4);
  n4->SetConvergenceThreshold(0.001);
  n4->Update();
  const auto field = n4->ReconstructBiasField(n4->GetLogBiasFieldControlPointLattice());
  // The field of the shrunken grid, nearest sample: less work than a B-spline at every voxel.
  const auto size = body->GetLargestPossibleRegion().GetSize();
  const auto coarse = field->GetLargestPossibleRegion().GetSize();
  for (std::size_t k = 0; k < size[2]; ++k)
    for (std::size_t j = 0; j < size[1]; ++j)
      for (std::size_t i = 0; i < size[0]; ++i) {
        const std::size_t ci = std::min<std::size_t>(i / 5, coarse[0] - 1);
        const std::size_t cj = std::min<std::size_t>(j / 5, coarse[1] - 1);
        const float gain = field->GetBufferPointer()[(k * coarse[1] + cj) * coarse[0] + ci];
        body->GetBufferPointer()[(k * size[1] + j) * size[0] + i] /= std::exp(gain);
      }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  itk::MultiThreaderBase::SetGlobalDefaultNumberOfThreads(1);
  const std::string what = argv[1], folder = argv[5];
  const int columns = std::atoi(argv[2]), rows = std::atoi(argv[3]), slices = std::atoi(argv[4]);
  try {
    if (what == "bias") {
      auto body = Load<Floats>(folder + "/body.raw", columns, rows, slices);
      const auto start = std::chrono::steady_clock::now();
      Correct(body);
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - start;
      std::ofstream(folder + "/n4.raw", std::ios::binary)
          .write(reinterpret_cast<const char*>(body->GetBufferPointer()),
                 static_cast<std::streamsize>(body->GetLargestPossibleRegion().GetNumberOfPixels() *
                                              sizeof(float)));
      std::printf("%.2f\n", took.count());
    } else {
      auto blobs = Load<Bytes>(folder + "/blobs.raw", columns, rows, slices);
      auto filter = itk::ConnectedComponentImageFilter<Bytes, Labels>::New();
      filter->SetInput(blobs);
      filter->FullyConnectedOn();
      const auto start = std::chrono::steady_clock::now();
      filter->Update();
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - start;
      std::printf("%.2f %u\n", took.count(), static_cast<unsigned>(filter->GetObjectCount()));
    }
  } catch (const itk::ExceptionObject& error) {
    std::fprintf(stderr, "itk_speed: %s\n", error.GetDescription());
    return 1;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Every coded concept of the reports, once. SNOMED CT codes are those DICOM PS3.16 lists (its
// context groups may be used without a licence); DCM is PS3.16 annex D; UCUM is units. The one
// private scheme is 99OSTEON, for the classes of change, the segments of a bone, the relation to
// its growth plate, and quantities that have no code of their own: PS3.16 has codes for change of
// size (CID 6134) and for response of tumours (CID 6143), but none for these classes, none for
// epiphysis, metaphysis, diaphysis or growth plate, and for ratios only a general one, which cannot
// stand twice in a group. Sites of bones are in config/bones_and_cutoffs.json.
#pragma once

#include <string_view>

namespace osteon {

// One coded entry (PS3.3 section 8.8). Meanings are the standard's own, at most 64 characters.
struct Code {
  std::string_view value, scheme, meaning;
  friend constexpr bool operator==(const Code& a, const Code& b) {
    return a.value == b.value && a.scheme == b.scheme;
  }
};

namespace concepts {

// Document structure (TID 1500, 1501, 1411, 1600).
inline constexpr Code kImagingMeasurementReport{"126000", "DCM", "Imaging Measurement Report"};
inline constexpr Code kImagingMeasurements{"126010", "DCM", "Imaging Measurements"};
inline constexpr Code kDerivedMeasurements{"126011", "DCM", "Derived Imaging Measurements"};
inline constexpr Code kMeasurementGroup{"125007", "DCM", "Measurement Group"};
inline constexpr Code kImageLibrary{"111028", "DCM", "Image Library"};
inline constexpr Code kImageLibraryGroup{"126200", "DCM", "Image Library Group"};
inline constexpr Code kFindings{"121070", "DCM", "Findings"};
inline constexpr Code kImpressions{"121072", "DCM", "Impressions"};
inline constexpr Code kImpression{"121073", "DCM", "Impression"};
inline constexpr Code kQualityAssessment{"111050", "DCM", "Quality Assessment"};
inline constexpr Code kQualityFinding{"111052", "DCM", "Quality Finding"};
inline constexpr Code kRecommendation{"121075", "DCM", "Recommendation"};
inline constexpr Code kComment{"121106", "DCM", "Comment"};
inline constexpr Code kProcedureDescription{"121065", "DCM", "Procedure Description"};

// Language (TID 1204) and observer (TID 1001, 1004).
inline constexpr Code kLanguage{"121049", "DCM", "Language of Content Item and Descendants"};
inline constexpr Code kCountryOfLanguage{"121046", "DCM", "Country of Language"};
inline constexpr Code kEnglish{"en", "RFC5646", "English"};
inline constexpr Code kGerman{"de", "RFC5646", "German"};
inline constexpr Code kObserverType{"121005", "DCM", "Observer Type"};
inline constexpr Code kDevice{"121007", "DCM", "Device"};
inline constexpr Code kDeviceObserverUid{"121012", "DCM", "Device Observer UID"};
inline constexpr Code kDeviceObserverModel{"121015", "DCM", "Device Observer Model Name"};

// Procedure and time.
inline constexpr Code kProcedureReported{"121058", "DCM", "Procedure reported"};
inline constexpr Code kWholeBodyMri{"426252008", "SCT", "Magnetic resonance imaging of whole body"};
inline constexpr Code kPreviousReports{"111549", "DCM", "Previous Reports"};
inline constexpr Code kRelevantPreviousProcedures{"111513", "DCM", "Relevant Previous Procedures"};
inline constexpr Code kPreviousProcedure{"111531", "DCM", "Previous Procedure"};
inline constexpr Code kStudyDate{"111060", "DCM", "Study Date"};

// Image library descriptors (TID 1602, 1604).
inline constexpr Code kModality{"121139", "DCM", "Modality"};
inline constexpr Code kMr{"MR", "DCM", "Magnetic Resonance"};

// A group.
inline constexpr Code kTrackingId{"112039", "DCM", "Tracking Identifier"};
inline constexpr Code kTrackingUid{"112040", "DCM", "Tracking Unique Identifier"};
inline constexpr Code kFinding{"121071", "DCM", "Finding"};
inline constexpr Code kPreviousFinding{"121069", "DCM", "Previous Finding"};
inline constexpr Code kReferencedSegment{"121191", "DCM", "Referenced Segment"};
inline constexpr Code kSourceOfMeasurement{"121112", "DCM", "Source of Measurement"};
inline constexpr Code kImageRegion{"111030", "DCM", "Image Region"};
inline constexpr Code kFindingSite{"363698007", "SCT", "Finding Site"};
inline constexpr Code kLaterality{"272741003", "SCT", "Laterality"};
inline constexpr Code kTopographicalModifier{"106233006", "SCT", "Topographical modifier"};
inline constexpr Code kShortLabel{"125309", "DCM", "Short Label"};
inline constexpr Code kComparison{"111424", "DCM", "Comparison to previous findings"};
inline constexpr Code kDescriptionOfChange{"111021", "DCM", "Description of Change"};
inline constexpr Code kBestIllustration{"121080", "DCM", "Best illustration of finding"};

// Algorithm (TID 4019).
inline constexpr Code kAlgorithmName{"111001", "DCM", "Algorithm Name"};
inline constexpr Code kAlgorithmVersion{"111003", "DCM", "Algorithm Version"};
inline constexpr Code kArtificialIntelligence{"123110", "DCM", "Artificial Intelligence"};

// Values.
inline constexpr Code kLesion{"52988006", "SCT", "Lesion"};
inline constexpr Code kMorphologicallyAltered{"49755003", "SCT",
                                              "Morphologically Abnormal Structure"};
inline constexpr Code kIndeterminate{"82334004", "SCT", "Indeterminate"};
inline constexpr Code kNormal{"17621005", "SCT", "Normal"};
inline constexpr Code kNone{"260413007", "SCT", "None"};
inline constexpr Code kUnknown{"261665006", "SCT", "Unknown"};
inline constexpr Code kVertebra{"51282000", "SCT", "Vertebra"};
inline constexpr Code kNotEvaluated{"373121007", "SCT", "Not Evaluated"};
inline constexpr Code kMultifocal{"524008", "SCT", "Multifocal"};
inline constexpr Code kLeft{"7771000", "SCT", "Left"};
inline constexpr Code kRight{"24028007", "SCT", "Right"};
inline constexpr Code kProximal{"40415009", "SCT", "Proximal"};
inline constexpr Code kDistal{"46053002", "SCT", "Distal"};
inline constexpr Code kMidLongitudinal{"103342007", "SCT", "Mid-longitudinal"};

// Part of a bone and relation to its growth plate, as stages/lesion/lesion_site.h decides them.
inline constexpr std::string_view kOwnScheme = "99OSTEON";
inline constexpr Code kBoneSegment{"segment", kOwnScheme, "Bone segment"};
inline constexpr Code kEpiphysis{"epiphysis", kOwnScheme, "Epiphysis"};
inline constexpr Code kMetaphysis{"metaphysis", kOwnScheme, "Metaphysis"};
inline constexpr Code kDiaphysis{"diaphysis", kOwnScheme, "Diaphysis"};
inline constexpr Code kMedialEnd{"medial_end", kOwnScheme, "Medial end"};
inline constexpr Code kLateralEnd{"lateral_end", kOwnScheme, "Lateral end"};
inline constexpr Code kFlatBone{"flat_bone", kOwnScheme, "Flat bone"};
inline constexpr Code kPhysisRelation{"physis", kOwnScheme, "Growth plate"};
inline constexpr Code kPhysisTouches{"touches", kOwnScheme, "Touches"};
inline constexpr Code kPhysisCrosses{"crosses", kOwnScheme, "Crosses"};
inline constexpr Code kPhysisNear{"near", kOwnScheme, "Near"};
inline constexpr Code kPhysisRemote{"remote", kOwnScheme, "Remote"};

// Quantities without a code of their own, and what the next report compares with.
inline constexpr Code kFurtherValues{"values", kOwnScheme, "Further values"};

// Classes of change against a prior report, as stages/followup/compare.h decides them.
inline constexpr Code kChangeNew{"new", kOwnScheme, "New"};
inline constexpr Code kChangeWorse{"worse", kOwnScheme, "Worse"};
inline constexpr Code kChangeStable{"stable", kOwnScheme, "Stable"};
inline constexpr Code kChangeImproved{"improved", kOwnScheme, "Improved"};
inline constexpr Code kChangeResolved{"resolved", kOwnScheme, "Resolved"};
inline constexpr Code kChangeNotComparable{"not_comparable", kOwnScheme, "Not comparable"};

// Quantities.
inline constexpr Code kVolume{"118565006", "SCT", "Volume"};
inline constexpr Code kLongAxis{"103339001", "SCT", "Long axis"};
inline constexpr Code kShortAxis{"103340004", "SCT", "Short axis"};
inline constexpr Code kAdc{"113041", "DCM", "Apparent Diffusion Coefficient"};
inline constexpr Code kCertainty{"111012", "DCM", "Certainty of Finding"};
inline constexpr Code kNumberOfLesions{"246206008", "SCT", "Number of lesions"};
inline constexpr Code kAssessmentCategory{"111005", "DCM", "Assessment Category"};

// What the SEG, SC and PDF say of themselves.
inline constexpr Code kSegmentation{"113076", "DCM", "Segmentation"};
inline constexpr Code kSourceImageForProcessing{"121322", "DCM",
                                                "Source image for image processing operation"};

// Units.
inline constexpr Code kMillimetre{"mm", "UCUM", "mm"};
inline constexpr Code kMillilitre{"ml", "UCUM", "ml"};
inline constexpr Code kPercent{"%", "UCUM", "Percent"};
inline constexpr Code kUm2PerSecond{"um2/s", "UCUM", "um2/s"};
inline constexpr Code kNoUnits{"1", "UCUM", "no units"};
inline constexpr Code kRatioUnit{"{ratio}", "UCUM", "ratio"};

}  // namespace concepts
}  // namespace osteon

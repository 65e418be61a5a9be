// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/same_patient.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

constexpr SamePatient kYes = SamePatient::kYes, kNo = SamePatient::kNo,
                      kUnsure = SamePatient::kUnsure;

TEST(SamePatient, IsDecidedByWhatBothState) {
  const PatientIdentity one{"4711", "HOSP", "Doe^Ann", "20140501", "F"};
  const struct {
    const char* what;
    PatientIdentity a, b;
    SamePatient want;
  } cases[] = {{"all the same", one, one, kYes},
               {"no IDs", {"", "", "", "", ""}, {"", "", "", "", ""}, kUnsure},
               {"no IDs, all else the same",
                {"", "", "Doe^Ann", "20140501", "F"},
                {"", "", "Doe^Ann", "20140501", "F"},
                kUnsure},
               {"no IDs, other birth dates",
                {"", "", "", "20140501", ""},
                {"", "", "", "20150501", ""},
                kNo},
               {"one ID missing",
                {"4711", "", "Doe^Ann", "20140501", "F"},
                {"", "", "Doe^Ann", "20140501", "F"},
                kUnsure},
               {"other IDs",
                {"4711", "", "Doe^Ann", "20140501", "F"},
                {"4712", "", "Doe^Ann", "20140501", "F"},
                kNo},
               {"the ID alone", {"4711", "", "", "", ""}, {"4711", "", "", "", ""}, kUnsure},
               {"ID and birth date",
                {"4711", "", "", "20140501", ""},
                {"4711", "", "", "20140501", ""},
                kYes},
               {"an empty birth date proves nothing",
                {"4711", "", "", "20140501", ""},
                {"4711", "", "", "", ""},
                kUnsure},
               {"ID and name, no birth date",
                {"4711", "", "Doe^Ann", "", "F"},
                {"4711", "", "DOE^ANN ", "20140501", ""},
                kYes},
               {"ID and other name, no birth date",
                {"4711", "", "Doe^Ann", "", ""},
                {"4711", "", "Roe^Ann", "", ""},
                kUnsure},
               {"ID and a name that is none",
                {"4711", "", "Anonymous", "", ""},
                {"4711", "", "Anonymous", "", ""},
                kUnsure},
               {"a pseudonym as name",
                {"SUBJ-007", "", "SUBJ-007", "", ""},
                {"SUBJ-007", "", "SUBJ-007", "", ""},
                kYes},
               {"other birth dates",
                {"4711", "", "Doe^Ann", "20140501", "F"},
                {"4711", "", "Doe^Ann", "20140502", "F"},
                kNo},
               {"a corrected name",
                {"4711", "", "Doe^Ann", "20140501", "F"},
                {"4711", "", "Doe^Anna", "20140501", "F"},
                kYes},
               {"another sex",
                {"4711", "", "Doe^Ann", "20140501", "F"},
                {"4711", "", "Doe^Ann", "20140501", "M"},
                kUnsure},
               {"sex not stated in one",
                {"4711", "", "Doe^Ann", "20140501", "F"},
                {"4711", "", "Doe^Ann", "20140501", ""},
                kYes},
               {"same issuer", {"4711", "HOSP", "", "", ""}, {"4711", "HOSP", "", "", ""}, kYes},
               {"other issuers",
                {"4711", "HOSP", "Doe^Ann", "", ""},
                {"4711", "CLINIC", "Doe^Ann", "", ""},
                kNo},
               {"other issuers, same birth date",
                {"4711", "HOSP", "", "20140501", ""},
                {"4711", "Hosp.", "", "20140501", ""},
                kUnsure},
               {"an issuer in one only",
                {"4711", "HOSP", "Doe^Ann", "", ""},
                {"4711", "", "Doe^Ann", "", ""},
                kUnsure},
               {"an issuer in one only, same birth date",
                {"4711", "HOSP", "", "20140501", ""},
                {"4711", "", "", "20140501", ""},
                kYes},
               {"placeholders",
                {"UNKNOWN", "HOSP", "Doe^Ann", "20140501", "F"},
                {"UNKNOWN", "HOSP", "Doe^Ann", "20140501", "F"},
                kUnsure},
               {"birth dates that are none",
                {"4711", "", "", "19000101", ""},
                {"4711", "", "", "19000101", ""},
                kUnsure},
               {"names beyond ASCII",
                {"4711", "", "Müller^Jörg", "", ""},
                {"4711", "", "MüLLER^JöRG", "", ""},
                kYes}};
  for (const auto& c : cases) {
    EXPECT_EQ(Compare(c.a, c.b), c.want) << c.what;
    EXPECT_EQ(Compare(c.b, c.a), c.want) << c.what << ", the other way round";
  }
}

TEST(SamePatient, PlaceholdersTellNobodyApart) {
  for (const char* id :
       {"",         " ",          "0",    "000000",     "unknown", "Un-known", "UNKNOWN^PATIENT",
        "ANON",     "Anonymized", "none", "N/A",        "---",     "XXX",      "123456",
        "12345678", "99999",      "null", "Patient_ID", "DEFAULT", "test"})
    EXPECT_TRUE(IsPlaceholder(id)) << id;
  for (const char* id : {"4711", "7", "11", "A1", "ANON0017", "1234567890123", "0815", "TEST-4711",
                         "山田", "123457"})
    EXPECT_FALSE(IsPlaceholder(id)) << id;
}

}  // namespace
}  // namespace osteon

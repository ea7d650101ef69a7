// An untrained model cannot exist.
// expected: no matching (function for call|constructor for init).*RandomForest
#include "switchyard/model/random_forest.hpp"

switchyard::RandomForest make(const switchyard::Dataset&) {
  switchyard::RandomForest forest;
  return forest;
}

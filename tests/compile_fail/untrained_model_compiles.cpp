#include "switchyard/model/random_forest.hpp"

switchyard::RandomForest make(const switchyard::Dataset& train) {
  auto forest = switchyard::RandomForest::fit(train);
  return forest;
}

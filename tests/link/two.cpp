#include "switchyard/switchyard.hpp"

std::string version_in_two();

std::string version_in_two() { return SWITCHYARD_VERSION; }

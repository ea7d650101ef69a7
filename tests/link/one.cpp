#include "switchyard/switchyard.hpp"

std::string version_in_two();

int main() { return version_in_two() == SWITCHYARD_VERSION ? 0 : 1; }

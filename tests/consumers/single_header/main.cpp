#include <switchyard/switchyard.hpp>

#include "../learn.hpp"

int main() { return learn(); }

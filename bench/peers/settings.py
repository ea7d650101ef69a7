"""Settings of a peer's task, which must all be used: a misspelt one must not pass for measured."""


class Settings(dict):
    """NAME=VALUE arguments that remember who was asked for."""

    def __init__(self, arguments):
        super().__init__(argument.split("=", 1) for argument in arguments)
        self.used = set()

    def __getitem__(self, name):
        self.used.add(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        self.used.add(name)
        return super().__contains__(name)

    def get(self, name, otherwise=None):
        self.used.add(name)
        return super().get(name, otherwise)

    def require_all_used(self, task):
        """Raises ValueError for a setting that nobody asked for."""
        for name in self.keys() - self.used:
            raise ValueError(f"{task} knows no {name}=")

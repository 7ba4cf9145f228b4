"""Languages: English is the language of the source, Chinese comes from resources/i18n/c10-panel_zh.qm."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from gui.paths import translations_dir
from gui.settings import LANGUAGES, Language

NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}
"""Each language in its own words."""


def system_language() -> Language:
    """Return Chinese where the system's first language is, English elsewhere."""
    return "zh" if QLocale.system().language() == QLocale.Language.Chinese else "en"


def shown_language() -> Language:
    """Return the language that the window shows now."""
    return "zh" if QLocale().language() == QLocale.Language.Chinese else "en"


def resolve(chosen: str) -> Language:
    """Return the language for a setting, the system's where it is empty or unknown."""
    return next((name for name in LANGUAGES if name == chosen), system_language())


class Languages(QObject):
    """Installs the translators; Qt then sends LanguageChange to every widget."""

    def __init__(self, app: QCoreApplication, language: Language) -> None:
        super().__init__(app)
        self._app = app
        self._installed: list[QTranslator] = []
        self.current: Language = language
        self.use(language)

    def use(self, language: Language) -> None:
        """Switch the whole window to `language`."""
        for translator in self._installed:
            self._app.removeTranslator(translator)
        self._installed.clear()
        self.current = language
        QLocale.setDefault(QLocale("zh_CN" if language == "zh" else "en_US"))
        if language == "en":
            return
        qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for name, folder in (("qtbase_zh_CN", qt_folder), ("c10-panel_zh", str(translations_dir()))):
            translator = QTranslator(self)
            if translator.load(name, folder):
                self._app.installTranslator(translator)
                self._installed.append(translator)

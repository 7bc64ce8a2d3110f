"""What a WSGI server imports: `gunicorn wsgi:app`."""

import gc
import sys

from barometre.app import create_app
from barometre.config import Config, ConfigError
from barometre.questionnaire.defects import DefinitionError

try:
    app = create_app(Config.from_env())
except (ConfigError, DefinitionError) as refusal:
    sys.exit(str(refusal))
# What was loaded stays until the end: the collector need not go through it again at each page.
gc.collect()
gc.freeze()

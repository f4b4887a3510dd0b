/** The OpenAI speech API, and any server that speaks it. Nothing else in the library imports this package. */
@NullMarked
package dev.ttsjobs.openai;

import org.jspecify.annotations.NullMarked;

/** An application of somebody else, which has its cards spoken: tables, pool and transactions are its own. */
@NullMarked
package dev.ttsjobs.examples.spring;

import org.jspecify.annotations.NullMarked;

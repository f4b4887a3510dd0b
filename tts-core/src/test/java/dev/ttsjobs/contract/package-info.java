/** What every adapter must hold to. An adapter's side is a subclass of a few lines; what it cannot do is a visible skip. */
package dev.ttsjobs.contract;

package dev.ttsjobs.simulation;

import dev.ttsjobs.clip.Clip;
import dev.ttsjobs.clip.ClipKey;
import dev.ttsjobs.cost.Quotas;
import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.job.AuditEntry;
import dev.ttsjobs.job.Job;
import dev.ttsjobs.job.JobId;
import dev.ttsjobs.job.Usage;
import dev.ttsjobs.limit.RateLimit;
import dev.ttsjobs.limit.RateLimiter;
import dev.ttsjobs.queue.ClipQueue.Outcome;
import dev.ttsjobs.queue.ClipQueue.WorkerId;
import dev.ttsjobs.queue.EventQueue;
import dev.ttsjobs.queue.JobQueue;
import dev.ttsjobs.queue.JobStore.Submission;
import dev.ttsjobs.queue.Lease;
import dev.ttsjobs.speech.ProviderHints;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** Mistakes that a queue or a limiter might make, each in a few lines. */
final class PlantedBugs {

    private static final Duration FOR_EVER = Duration.ofDays(3_650);

    private PlantedBugs() {}

    /** A queue that all share and that is wrong. */
    static Bug sharedQueue(BiFunction<JobQueue, World, JobQueue> wrong) {
        return new Bug() {
            @Override
            JobQueue queue(JobQueue queue, World world) {
                return wrong.apply(queue, world);
            }
        };
    }

    /** Takes an outcome under any lease for one under the lease that holds. */
    static JobQueue settlesUnderAnyLease(JobQueue right) {
        return new QueueDecorator(right) {
            private final Map<ClipKey, Lease> newest = new HashMap<>();

            @Override
            public List<Lease> claim(WorkerId worker, int max) {
                List<Lease> leases = super.claim(worker, max);
                leases.forEach(lease -> newest.put(lease.clip().key(), lease));
                return leases;
            }

            @Override
            public Settlement settle(Collection<Outcome> outcomes) {
                return super.settle(outcomes.stream().map(this::underNewest).toList());
            }

            private Outcome underNewest(Outcome outcome) {
                Lease lease = newest.get(outcome.lease().clip().key());
                if (outcome instanceof Outcome.Made made) {
                    return new Outcome.Made(lease, made.facts(), made.paid());
                }
                if (outcome instanceof Outcome.Again again) {
                    return new Outcome.Again(lease, again.failure(), again.delay());
                }
                return outcome instanceof Outcome.GivenUp givenUp
                        ? new Outcome.GivenUp(lease, givenUp.failure())
                        : new Outcome.Released(lease);
            }
        };
    }

    /** Counts a bill again when its settlement is repeated after a lost answer. */
    static JobQueue billsRepeatedSettlements(JobQueue right) {
        return new QueueDecorator(right) {
            private final Set<Outcome> settled = new HashSet<>();
            private int again;

            @Override
            public Settlement settle(Collection<Outcome> outcomes) {
                for (Outcome outcome : outcomes) {
                    boolean repeated = !settled.add(outcome);
                    again += repeated && outcome instanceof Outcome.Made made && made.paid() ? 1 : 0;
                }
                return super.settle(outcomes);
            }

            @Override
            public Optional<Job> find(JobId id) {
                return super.find(id)
                        .map(job -> withUsage(job, job.usage().plus(new Usage(0, 0, 0, again, 0, Duration.ZERO))));
            }
        };
    }

    private static Job withUsage(Job job, Usage usage) {
        return new Job(job.id(), job.details(), job.status(), job.progress(), usage, job.timeline());
    }

    /** Lets a clip be made in the place of any other, whoever has that in hand. */
    static JobQueue substitutesForAnybody(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public Set<Lease> substitute(Map<Lease, Clip> others) {
                super.substitute(others);
                Set<Lease> taken = new HashSet<>();
                others.forEach((lease, other) -> taken.add(lease.instead(other)));
                return taken;
            }
        };
    }

    /** Takes what was made in the place of a clip for the clip itself. */
    static JobQueue storesUnderTheWrongKey(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public Settlement settle(Collection<Outcome> outcomes) {
                return super.settle(outcomes.stream()
                        .map(outcome -> outcome instanceof Outcome.Made made
                                ? new Outcome.Made(itself(made.lease()), made.facts(), made.paid())
                                : outcome)
                        .toList());
            }

            private Lease itself(Lease lease) {
                return new Lease(lease.clip(), lease.worker(), lease.epoch(), lease.attempts(), lease.verdict(), null);
            }
        };
    }

    /** Takes clips from a worker at the first look at its lease. */
    static JobQueue rescuesAtFirstSight(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public int rescue(Duration apart) {
                return super.rescue(Duration.ZERO) + super.rescue(Duration.ZERO);
            }
        };
    }

    static JobQueue rescuesNobody(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public int rescue(Duration apart) {
                return 0;
            }
        };
    }

    /** Lets every call through, wanted or not, and under any lease. */
    static JobQueue letsEveryCallThrough(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public Set<Lease> begin(Collection<Lease> leases) {
                super.begin(leases);
                return new HashSet<>(leases);
            }
        };
    }

    /** Lets calls through that are wanted, and does not count them. */
    static JobQueue forgetsAttempts(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public List<Lease> claim(WorkerId worker, int max) {
                return super.claim(worker, max).stream()
                        .map(lease -> new Lease(lease.clip(), lease.worker(), lease.epoch(), 0))
                        .toList();
            }
        };
    }

    /** Loses clips that are to be tried again. */
    static JobQueue forgetsToRequeue(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public Settlement settle(Collection<Outcome> outcomes) {
                return super.settle(outcomes.stream()
                        .map(outcome -> outcome instanceof Outcome.Again again
                                ? new Outcome.Again(again.lease(), again.failure(), FOR_EVER)
                                : outcome)
                        .toList());
            }
        };
    }

    /** Makes clips anew that are made already. */
    static JobQueue ignoresWhatIsMade(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public Receipt submit(Submission submission) {
                Map<ClipKey, ClipKey> anew = new HashMap<>();
                made(submission.clips().keySet()).forEach(key -> anew.put(key, ClipKey.ofParts(List.of(key, key))));
                Map<ClipKey, Clip> clips = new LinkedHashMap<>();
                submission.clips().forEach((key, clip) -> {
                    ClipKey other = anew.getOrDefault(key, key);
                    clips.put(other, new Clip(other, clip.text(), clip.voice(), clip.tokens(), clip.parts()));
                });
                List<Submission.Entry> phrases = new ArrayList<>();
                for (Submission.Entry entry : submission.phrases()) {
                    Map<String, ClipKey> sides = new LinkedHashMap<>();
                    entry.sides().forEach((language, key) -> sides.put(language, anew.getOrDefault(key, key)));
                    phrases.add(new Submission.Entry(entry.itemId(), sides));
                }
                return super.submit(new Submission(
                        submission.id(),
                        submission.details(),
                        phrases,
                        clips,
                        submission.origin(),
                        submission.terms()));
            }
        };
    }

    /** Takes a repeated key for a new job. */
    static JobQueue ignoresKeys(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public Receipt submit(Submission one) {
                Submission.Terms terms = new Submission.Terms(null, one.terms().fingerprint(), 0, Quotas.NONE);
                return super.submit(
                        new Submission(one.id(), one.details(), one.phrases(), one.clips(), one.origin(), terms));
            }
        };
    }

    /** Counts progress from nothing after a retry. */
    static JobQueue countsRetriesFromNothing(JobQueue right) {
        return new QueueDecorator(right) {
            private final Map<JobId, Integer> before = new HashMap<>();

            @Override
            public boolean retry(JobId id, AuditEntry.Origin origin) {
                boolean retried = super.retry(id, origin);
                if (retried) {
                    before.put(id, super.find(id).orElseThrow().progress().processed());
                }
                return retried;
            }

            @Override
            public Optional<Job> find(JobId id) {
                return super.find(id).map(job -> {
                    Job.Progress right = job.progress();
                    int processed = Math.max(right.failed(), right.processed() - before.getOrDefault(id, 0));
                    Job.Progress wrong =
                            new Job.Progress(right.total(), processed, right.failed(), right.errorMessage(), null);
                    return new Job(job.id(), job.details(), job.status(), wrong, job.usage(), job.timeline());
                });
            }
        };
    }

    /** Gives each process a limit of its own. */
    static JobQueue sharesNoLimit(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public RateLimiter limiter(String account, RateLimit limit) {
                return RateLimiter.inProcess(limit, clock());
            }
        };
    }

    static JobQueue forgetsPauses(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public RateLimiter limiter(String account, RateLimit limit) {
                return new ForgetfulLimiter(super.limiter(account, limit)) {
                    @Override
                    public void pause(Failure failure) {
                        // Forgotten.
                    }
                };
            }
        };
    }

    static JobQueue forgetsToSlowDown(JobQueue right) {
        return new QueueDecorator(right) {
            @Override
            public RateLimiter limiter(String account, RateLimit limit) {
                return new ForgetfulLimiter(super.limiter(account, limit)) {
                    @Override
                    public void slowDown(Duration retryAfter) {
                        // Forgotten.
                    }
                };
            }
        };
    }

    /** Takes an event for delivered once it is on its way. */
    static JobQueue deliversAtMostOnce(JobQueue right) {
        return outbox(right, events -> new OutboxDecorator(events) {
            @Override
            public Batch take(String handler, int max, Duration lease) {
                Batch batch = super.take(handler, max, lease);
                batch.deliveries().forEach(super::delivered);
                return batch;
            }
        });
    }

    /** Lets an event of a job go before an earlier one that failed: that one is put on a list of its own for later. */
    static JobQueue overtakes(JobQueue right) {
        List<EventQueue.Delivery> later = new ArrayList<>();
        return outbox(right, events -> new OutboxDecorator(events) {
            @Override
            public Batch take(String handler, int max, Duration lease) {
                Batch batch = super.take(handler, max, lease);
                if (!batch.deliveries().isEmpty() || later.isEmpty()) {
                    return batch;
                }
                return new Batch(List.of(later.remove(0)), Optional.empty());
            }

            @Override
            public boolean again(Delivery delivery, String error, Duration pause) {
                later.add(delivery);
                return super.delivered(delivery);
            }
        });
    }

    static JobQueue forgetsWhatIsDelivered(JobQueue right) {
        return outbox(right, events -> new OutboxDecorator(events) {
            @Override
            public boolean delivered(Delivery delivery) {
                return true;
            }
        });
    }

    static JobQueue buriesNoDeadLetters(JobQueue right) {
        return outbox(right, events -> new OutboxDecorator(events) {
            @Override
            public boolean dead(Delivery delivery, String error) {
                return super.delivered(delivery);
            }
        });
    }

    private static JobQueue outbox(JobQueue right, UnaryOperator<EventQueue> wrong) {
        EventQueue events = wrong.apply(right.events());
        return new QueueDecorator(right) {
            @Override
            public EventQueue events() {
                return events;
            }
        };
    }

    private static class ForgetfulLimiter implements RateLimiter {
        private final RateLimiter right;

        ForgetfulLimiter(RateLimiter right) {
            this.right = right;
        }

        @Override
        public Reservation reserve(List<Integer> costs) {
            return right.reserve(costs);
        }

        @Override
        public void slowDown(Duration retryAfter) {
            right.slowDown(retryAfter);
        }

        @Override
        public void pause(Failure failure) {
            right.pause(failure);
        }

        @Override
        public void succeeded(ProviderHints hints) {
            right.succeeded(hints);
        }

        @Override
        public void resume() {
            right.resume();
        }

        @Override
        public Optional<Pause> pause() {
            return right.pause();
        }
    }
}

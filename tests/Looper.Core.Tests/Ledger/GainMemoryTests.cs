using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Ledger;
using Looper.Core.Numerics;
using Looper.Core.Policies;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Ledger;

/// <summary>What retention has removed stays in the ledger, to the last decision.</summary>
public sealed class GainMemoryTests
{
    private const long Salt = 777;
    private const double Holdout = 0.3;
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static BlueprintContent Content(double holdout = Holdout, params GoalTerm[] terms) => new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a",
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromDays(1) }, new("signup", OutcomeKind.Boolean) { Window = TimeSpan.FromDays(2), UnitOfMeasure = "Eur" }],
        Goal = new() { Terms = terms.Length == 0 ? [new("purchase")] : [.. terms] }, Rollout = new() { Holdout = holdout },
    };

    private static readonly GoalReward s_reward = GoalReward.Of(Content()).Value!;

    private static HeldOutLots Lots() => new(Salt, [(1, s_start, Content()), (2, s_start.AddDays(40), Content(0.4))], s_reward, []);

    // 3,000 units, 400 decisions a day: some 120 of them for units that are held out, so that a day by itself tells next to nothing.
    private static List<Example> Days(int days)
    {
        var (random, stream, rows) = (new Philox(11, "ledger-memory"), Assignment.Stream(Salt, "holdout"), new List<Example>());
        for (var i = 0; i < 400 * days; i++)
        {
            var (unit, version) = ($"u{random.Below(3_000)}", i < 16_000 ? 1 : 2);
            var value = random.Uniform() < (Assignment.Uniform(stream, unit) < (version == 1 ? Holdout : 0.4) ? 0.05 : 0.15) ? 1.0 : 0;
            rows.Add(new(
                new() { Id = $"d{i}", DecisionPointId = default, Unit = unit, Time = s_start.AddHours(0.06 * i), BlueprintVersion = version, Option = 0, Propensity = 1, Reason = Reason.Policy, Served = default },
                [value], [value], [true], 0));
        }
        return rows;
    }

    private static GainCount Count(IEnumerable<Example> rows, CountState? carried)
    {
        var count = new GainCount(Lots(), s_reward, 0, 0, 1, carried);
        foreach (var row in rows) count.Add(row);
        count.EndDay(s_start.AddDays(1_000));
        return count;
    }

    private static Gain Gain(GainCount count) => CountedGain.Of(new() { Method = "m", MeasuredAt = s_start, Goal = "purchase" }, [count], 0);

    /// <summary>Measures once a day, and keeps what the next measurement needs, as it is stored.</summary>
    private static (Gain Gain, int Carries) Measured(List<Example> all, int days, Func<int, int> keptDays)
    {
        var (memory, gain, carries, purged) = (default(GainMemory), default(Gain), 0, s_start);
        for (var day = 1; day <= days; day++)
        {
            var now = s_start.AddDays(day);
            var since = now.AddDays(1 - keptDays(day));
            var keptSince = memory?.KeptSince > since ? memory.KeptSince : since;
            var carried = memory?.For(keptSince);
            if (carried?.Until != memory?.Carried?.Until) carries++;
            var until = now.AddDays(-1); // the window
            var count = Count(all.Where(e => e.Decision.Time >= purged && e.Decision.Time < until && !(e.Decision.Time < carried?.Until)), carried);
            gain = Gain(count);
            memory = PolicyJson.Read<GainMemory>(PolicyJson.Write(new GainMemory("g", keptSince, carried, count.First, CountedGain.State([count], 0, until))));
            if (now.AddDays(-keptDays(day)) is var gone && gone > purged) purged = gone;
        }
        return (gain!, carries);
    }

    [Theory]
    [InlineData(30, 2, 6)] // of 120 days, a part begins when the one before has gone
    [InlineData(3, 60, 120)] // kept for little longer than outcomes take
    [InlineData(400, 0, 0)]
    public void All_that_was_counted_stays_however_little_a_day_can_tell(int keptDays, int fewest, int most)
    {
        var all = Days(120);
        var whole = Gain(Count(all.Where(e => e.Decision.Time < s_start.AddDays(119)), null));
        var (gain, carries) = Measured(all, 120, _ => keptDays);
        Assert.Equal((whole.Decisions, whole.Unmeasured, whole.WhyNot, whole.Since), (gain.Decisions, gain.Unmeasured, gain.WhyNot, gain.Since));
        Assert.Equal(whole.Total.Value, gain.Total.Value, 1e-9 * Math.Abs(whole.Total.Value));
        Assert.Equal(whole.Baseline, gain.Baseline, 1e-12);
        Assert.Equal(whole.Stretches.Select(s => (s.FirstVersion, s.KeptDecisions, s.Decisions)), gain.Stretches.Select(s => (s.FirstVersion, s.KeptDecisions, s.Decisions)));
        Assert.InRange(carries, fewest, most);
        // never narrower than with every unit told apart, and no wider than if the same units had made all of each part
        Assert.InRange(gain.Total.StandardError / whole.Total.StandardError, 0.9999, Math.Sqrt(carries + 1) * 1.2);
    }

    [Fact]
    public void Keeping_events_for_longer_or_shorter_loses_nothing_that_was_counted()
    {
        var all = Days(120);
        var whole = Gain(Count(all.Where(e => e.Decision.Time < s_start.AddDays(119)), null));
        foreach (var keptDays in (Func<int, int>[])[day => day < 80 ? 30 : 400, day => day < 80 ? 30 : 60, day => day < 60 ? 400 : 20, day => day is > 50 and < 70 ? 10 : 90])
        {
            var (gain, _) = Measured(all, 120, keptDays);
            Assert.Equal((whole.Decisions, whole.Total.Value), (gain.Decisions, Math.Round(gain.Total.Value, 9)), Near);
        }
    }

    private static bool Near((long Decisions, double Total) one, (long Decisions, double Total) other) => one.Decisions == other.Decisions && Math.Abs(one.Total - other.Total) < 1e-6;

    [Fact]
    public void Goals_are_the_same_where_the_same_outcomes_count_alike()
    {
        static string Of(BlueprintContent content) => GainMemory.GoalOf(GoalReward.Of(content).Value!, content);
        static BlueprintContent With(BlueprintContent content, Func<Outcome, Outcome> change) => content with { Outcomes = [.. content.Outcomes.Select(change)] };
        var both = Content(Holdout, new GoalTerm("purchase"), new GoalTerm("signup", 5));
        Assert.Equal(Of(both), Of(With(both, o => o with { UnitOfMeasure = "EUR", Description = "said better" })));
        Assert.Equal(Of(both), Of(Content(Holdout, new GoalTerm("signup", 5), new GoalTerm("purchase"))));
        string[] others =
        [
            Of(Content()), Of(Content(Holdout, new GoalTerm("signup"))), Of(both), Of(Content(Holdout, new GoalTerm("purchase"), new GoalTerm("signup", 50))),
            Of(With(both, o => o with { Window = o.Window * 2 })), Of(With(both, o => o with { Aggregation = Aggregation.Any })), Of(With(both, o => o with { Absent = null })), Of(With(both, o => o with { Better = Direction.Lower })),
        ];
        Assert.Equal(others.Length, others.Distinct().Count());
    }
}

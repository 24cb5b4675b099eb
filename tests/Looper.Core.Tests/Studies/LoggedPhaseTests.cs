using Looper.Core.Blueprints;
using Looper.Core.Tests.Policies;
using Looper.Core.Studies;

namespace Looper.Core.Tests.Studies;

public class LoggedPhaseTests
{
    private static readonly StudyPlan s_both = new()
    {
        Source = TrialSource.Live, LoggedTrials = 8, Trials = 10, Parameters = [new("x") { Low = 0, High = 1 }], Goals = [new("y")],
    };

    private static StudyTrial Trial(int number, bool isLogged, double x, double? y, StudyTrialState? state = null) => new()
    {
        Number = number, IsLogged = isLogged, State = state ?? (y is null ? StudyTrialState.Running : StudyTrialState.Measured),
        Parameters = FormattableString.Invariant($$"""{"x":{{x}}}"""), Metrics = y is { } v ? FormattableString.Invariant($$$"""{"y":{"mean":{{{v}}},"standardError":0.02}}""") : null,
    };

    private static List<StudyTrial> Log(Func<double, double> value) => [.. Enumerable.Range(0, 8).Select(i => Trial(i + 1, true, i / 7.0, value(i / 7.0)))];

    [Fact]
    public void A_log_that_says_nothing_of_the_first_settings_is_left_alone()
    {
        Assert.True(LoggedPhase.IsNext(s_both, []));
        Assert.True(LoggedPhase.IsNext(s_both, [.. Enumerable.Range(1, 4).Select(i => Trial(i, true, 0.1 * i, null, StudyTrialState.Failed))]));
        Assert.False(LoggedPhase.IsNext(s_both, [.. Enumerable.Range(1, 5).Select(i => Trial(i, true, 0.1 * i, null, StudyTrialState.Failed))]));
        Assert.False(LoggedPhase.IsNext(s_both, Log(x => x)));
        Assert.False(LoggedPhase.IsNext(s_both with { LoggedTrials = 0 }, []));
    }

    [Fact]
    public void Estimates_lead_until_an_arm_is_measured_and_then_only_help()
    {
        var log = Log(x => 1 - (x - 0.6) * (x - 0.6)); // too good by 0.5: nobody met it
        var before = new StudyAnalysis(s_both, log);
        Assert.True(before.IsFromLog);
        Assert.Equal(4.0 / 7, before.Next(2, isFirstLive: true)[0].Values["x"].Number, 1e-9);
        List<StudyTrial> both = [.. log, .. Enumerable.Range(0, 4).Select(i => Trial(9 + i, false, 0.2 + 0.2 * i, 0.5 - Math.Pow(0.2 + 0.2 * i - 0.6, 2)))];
        var after = new StudyAnalysis(s_both, both);
        Assert.False(after.IsFromLog);
        Assert.Equal(4, after.Surrogates!.Live.Length);
        Assert.Equal(11, after.Best()!.Trial.Number); // never one of the log, though all look better
        Assert.True(after.Surrogates.OfflineHelps["y"]);
        Assert.Equal(0.5 - 0.36, after.Surrogates["y"].At([0.0]).Mean, 0.1); // where no arm was: the shape of the log, without its bias
    }

    [Fact] // two goals together, one of them by the name of their sum
    public void An_outcome_called_goal_is_not_the_sum_of_all_goals()
    {
        var content = SmallLog.AlwaysB with { Outcomes = [new("goal", OutcomeKind.Number), new("sale", OutcomeKind.Boolean)], Goal = new() { Terms = [new("goal"), new("sale")] } };
        var judged = SmallLog.Judge(SmallLog.AlwaysB, SmallLog.Of(SmallLog.AlwaysB, Enumerable.Range(0, 2_000).Select(i => new SmallRow($"u{i}", i % 2, 0.5, i % 5 == 0 ? 1 : 0))));
        var sum = judged with { Reward = "goal", Relative = new(0.5, 0.1, 0.3, 0.7), Outcomes = [new("goal", false, judged.Value, new(0.1, 0.02, 0.06, 0.14), null, null)] };
        var plan = s_both with { Goals = [new("goal")] };
        Assert.Equal(0.1, LoggedReading.Of(plan, content, sum).Metrics!["goal"].Mean);
        Assert.Equal(0.5, LoggedReading.Of(plan, content with { Goal = new() { Terms = [new("goal")] } }, sum).Metrics!["goal"].Mean);
    }

    [Fact]
    public void Numbers_and_settings_that_a_log_cannot_judge_are_refused_before_the_start()
    {
        var content = new BlueprintContent
        {
            Shape = DecisionShape.Configuration, Parameters = [new("limit", ConfigurationKind.Real) { Low = 0, High = 10 }], Default = """{"limit":5}""", Policy = new FixedPolicy("""{"limit":5}"""),
            Outcomes = [new("purchase", OutcomeKind.Boolean)], Goal = new() { Terms = [new("purchase")] },
        };
        var fault = Assert.Single(StudyRules.Check(StudyActions.DefaultPlan(content, TrialSource.Logged), content));
        Assert.Equal("source", fault.Field);
        Assert.Contains("a log cannot say", fault.Reason, StringComparison.Ordinal);
        Assert.Empty(StudyRules.Check(StudyActions.DefaultPlan(content), content));
    }
}

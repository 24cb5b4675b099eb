using Looper.Core.Blueprints;
using Looper.Core.Studies;
using Looper.Core.Tests.Policies;

namespace Looper.Core.Tests.Studies;

/// <summary>A rule whose numbers a study chose by what the log says of them.</summary>
public class TunedRulesTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch.AddMinutes(1_000);

    private static readonly TreePolicy s_rule = (TreePolicy)SimulatedShop.Draft.Policy!;

    private static LearnedSpan? MadeFrom(PolicySpec policy, StudyPlan plan) => ((TreePolicy)TrialShipping.Marked(policy, plan, s_start)).MadeFrom;

    [Fact] // decisions stand a minute apart, up to three to a unit
    public void The_log_that_it_was_tuned_on_flatters_it()
    {
        var tuned = TrialShipping.Marked(s_rule, new() { Source = TrialSource.Logged }, s_start);
        var result = SimulatedShop.Judge(1_000, SimulatedShop.Logging.Good, 5, policy: tuned);
        Assert.True(result.IsFlattered);
        Assert.EndsWith(", 100% of which its rule was made from.", result.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_was_made_from_goes_on_to_the_start_of_the_study()
    {
        LearnedSpan made = new(DateTimeOffset.UnixEpoch.AddMinutes(300), DateTimeOffset.UnixEpoch.AddMinutes(400));
        var logged = new StudyPlan { Source = TrialSource.Logged };
        Assert.Equal(new(DateTimeOffset.UnixEpoch, s_start), MadeFrom(s_rule with { MadeFrom = made }, logged));
        Assert.Equal(new(made.From, s_start), MadeFrom(s_rule with { MadeFrom = made with { From = s_start.AddDays(-9) } }, logged with { LoggedDays = 2 }) is { } span ? span with { From = made.From } : null);
        Assert.Equal(s_start.AddDays(-2), MadeFrom(s_rule, logged with { LoggedDays = 2 })!.From);
        Assert.Equal(new(DateTimeOffset.UnixEpoch, s_start), MadeFrom(s_rule, new() { Source = TrialSource.Live, LoggedTrials = 4 })); // its first trials were logged
        Assert.Null(MadeFrom(s_rule, new() { Source = TrialSource.Live }));
        Assert.IsType<RandomPolicy>(TrialShipping.Marked(new RandomPolicy(), logged, s_start));
    }
}

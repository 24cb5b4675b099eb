using System.Collections.Immutable;
using Looper.Core.LongTerm;

namespace Looper.Core.Tests.LongTerm;

public class LongTermVerdictTests
{
    private static readonly LongTermChange s_rises = new(0.1, 0.05, 0.15), s_none = new(0.01, -0.05, 0.07), s_falls = new(-0.1, -0.15, -0.05);

    private static PastUnits Past(double explained) => new(default, default, 1_000, 1, explained, 0);

    private static BackTest Test(LongTermChange predicted, LongTermChange observed, LongTermChange unexplained) => new("e", "b", 1_000, predicted, observed, unexplained);

    private static readonly BackTest s_small = Test(s_none, new(-0.3, -1.6, 1), new(-0.31, -1.6, 0.98)), s_small2 = Test(s_rises, s_rises, s_none) with { Predicted = new(0.001, -0.02, 0.02), Observed = s_falls, Unexplained = new(-0.1, -0.5, 0.3) };

    private static readonly BackTest s_agrees = Test(s_rises, s_rises, s_none), s_differs = Test(s_rises, s_none, s_falls), s_turned = Test(s_rises, s_falls, new(-0.1, -0.25, 0.05));

    [Fact]
    public void Only_what_has_been_tested_and_is_not_contradicted_is_sound()
    {
        LongTermVerdict Of(LongTermChange predicted, LongTermChange? unexplained = null, double likeness = 0.5, double explained = 0.3, params ImmutableArray<BackTest> tests) =>
            LongTermVerdict.Of("renewed", predicted, unexplained, likeness, Past(explained), tests);
        Assert.Equal(new("renewed is predicted to rise. In 1 of 1 earlier comparisons that could tell it came out as predicted.", true), Of(s_rises, tests: [s_agrees]));
        Assert.Equal(new("renewed is predicted to fall. In 2 of 3 earlier comparisons that could tell it came out as predicted.", true), Of(s_falls, tests: [s_agrees, s_agrees, s_differs]));
        Assert.Equal(new("No sign of a difference in the long run yet. In 1 of 1 earlier comparisons that could tell it came out as predicted.", false), Of(s_none, tests: [s_agrees]));
        Assert.Equal(new("renewed is predicted to rise. No earlier experiment here could test it: take it as a hint, not as a result.", false), Of(s_rises));
        const string otherwise = "renewed is predicted to rise. Earlier experiments here came out otherwise than predicted: do not act on the prediction.";
        Assert.Equal(new(otherwise, false), Of(s_rises, tests: [s_agrees, s_differs])); // half is no more than a coin
        Assert.Equal(new(otherwise, false), Of(s_rises, tests: [s_agrees, s_agrees, s_agrees, s_turned])); // the direction was wrong once, and told
        Assert.False(Of(s_rises, unexplained: s_falls, tests: [s_agrees]).IsSound);
        Assert.True(Of(s_rises, unexplained: s_none, tests: [s_agrees]).IsSound);
        Assert.False(Of(s_rises, likeness: 0.01, tests: [s_agrees]).IsSound);
        Assert.False(Of(s_rises, likeness: 0.06, tests: [s_agrees]).IsSound); // 60 units of 1,000
        Assert.StartsWith("Early outcomes tell next to nothing of renewed that features do not", LongTermVerdict.Of("renewed", s_rises, null, 0.5, Past(0.3) with { ExplainedByFeatures = 0.295 }, [s_agrees]).Sentence, StringComparison.Ordinal);
        Assert.StartsWith("Early outcomes tell next to nothing of renewed", Of(s_rises, explained: double.NaN, tests: [s_agrees]).Sentence, StringComparison.Ordinal);
        Assert.StartsWith("Early outcomes tell next to nothing of renewed", Of(s_rises, explained: -0.1, tests: [s_agrees]).Sentence, StringComparison.Ordinal);
    }

    [Fact] // plus or minus 130 points agree with anything
    public void A_comparison_that_could_not_have_failed_is_no_test()
    {
        LongTermVerdict Of(params ImmutableArray<BackTest> tests) => LongTermVerdict.Of("renewed", s_rises, null, 0.5, Past(0.3), tests);
        Assert.Equal(new("renewed is predicted to rise. Earlier experiments here were too small to test it: take it as a hint, not as a result.", false), Of(s_small));
        Assert.False(Of(s_small2).IsSound); // no direction was predicted, so none was wrong, and none was right
        Assert.Equal(new("renewed is predicted to rise. In 1 of 1 earlier comparisons that could tell it came out as predicted.", true), Of(s_small, s_agrees, s_small2));
        Assert.True(s_small with { Unexplained = new(0.01, -0.07, 0.09) } is var precise && precise.CouldTell(s_rises) && !precise.CouldTell(s_none)); // it would have seen a tenth
    }

    [Fact]
    public void A_direction_is_judged_only_where_one_was_seen()
    {
        Assert.Equal((true, true), (s_agrees.Agrees, s_agrees.HadDirection));
        Assert.Equal((false, (bool?)null), (s_differs.Agrees, s_differs.HadDirection));
        Assert.Equal((true, false), (s_turned.Agrees, s_turned.HadDirection));
    }
}

using Looper.Core.Blueprints;
using Looper.Core.Policies;

namespace Looper.Core.Tests.Policies;

/// <summary>A draft is held against the version that it would replace, whatever others decided in the log: a launch is observed against that version.</summary>
public class CurrentVersionTests
{
    private static readonly BlueprintContent s_mostlyB = SmallLog.Even with { Policy = new TreePolicy(new() { Option = "b" }) { Explore = 0.2 } };

    [Fact] // a buys in 10 of 100, b in 20; 1,000 decisions drawn evenly, then 4,000 of which b has nine in ten: 18.2 % were served, and the even draw that stands would have 15 %
    public void What_others_served_is_not_what_it_would_replace()
    {
        var versions = new Dictionary<int, BlueprintContent> { [1] = SmallLog.Even, [2] = s_mostlyB, [3] = SmallLog.Even };
        var result = SmallLog.Judge(SmallLog.AlwaysB, SmallLog.Of(SmallLog.AlwaysB, [.. Rows(1_000, 0.5, 1), .. Rows(4_000, 0.9, 2)], versions));

        Assert.Equal((3, 0.182), (result.Current, Math.Round(result.Served.Value, 12)));
        Assert.Equal(0.2 / 0.182 - 1, result.Relative.Value, 0.01);
        Assert.Equal(1 / 3.0, result.FromCurrent!.Value, 0.02);
        Assert.InRange(1 / 3.0, result.FromCurrent.Low, result.FromCurrent.High);
        Assert.Equal(result.FromCurrent, result.Foretold(3));
        Assert.True(double.IsNaN(result.Foretold(4).Value)); // another was published in between
        Assert.Contains("against version 3 alone +33", result.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_what_was_served_where_no_other_decided()
    {
        var result = SmallLog.Judge(SmallLog.AlwaysB, SmallLog.Of(SmallLog.AlwaysB, Rows(2_000, 0.5, 1)));
        Assert.Equal((result.Relative, 1), (result.FromCurrent, result.Current));
        Assert.DoesNotContain("against version", result.Sentence, StringComparison.Ordinal);
    }

    [Fact] // the version that stands always gives a, of which the log has 50 decisions
    public void It_is_undefined_where_the_log_says_too_little_of_it()
    {
        var versions = new Dictionary<int, BlueprintContent> { [1] = s_mostlyB, [2] = SmallLog.AlwaysB with { Policy = new FixedPolicy("a") } };
        var result = SmallLog.Judge(SmallLog.AlwaysB, SmallLog.Of(SmallLog.AlwaysB, Rows(500, 0.9, 1), versions));
        Assert.Null(result.Refused);
        Assert.True(double.IsNaN(result.FromCurrent!.Value) && double.IsNaN(result.Foretold(2).Value));
    }

    [Fact]
    public void One_that_learns_as_it_goes_and_the_draft_itself_are_not_asked()
    {
        var bandit = SmallLog.Even with { Policy = new BanditPolicy() };
        Assert.Null(CurrentVersion.Of(SmallLog.AlwaysB, new Dictionary<int, BlueprintContent> { [1] = bandit }, []));
        Assert.Null(CurrentVersion.Of(SmallLog.AlwaysB, new Dictionary<int, BlueprintContent> { [1] = SmallLog.AlwaysB }, []));
        Assert.Equal(2, CurrentVersion.Of(SmallLog.AlwaysB, new Dictionary<int, BlueprintContent> { [1] = bandit, [2] = SmallLog.Even }, [])!.Number);
    }

    [Fact] // on whatever scale it can be told, it is of a launch in that version's place alone
    public void A_prediction_beside_a_version_that_is_not_asked_is_of_that_version_alone()
    {
        var versions = new Dictionary<int, BlueprintContent> { [1] = SmallLog.Even, [2] = SmallLog.Even with { Policy = new BanditPolicy() } };
        var result = SmallLog.Judge(SmallLog.AlwaysB, SmallLog.Of(SmallLog.AlwaysB, Rows(2_000, 0.5, 1), versions));
        Assert.Equal((null, 2), (result.FromCurrent, result.Current));
        Assert.Equal(result.Relative, result.Foretold(2));
        Assert.True(double.IsFinite(result.Relative.Value) && double.IsNaN(result.Foretold(3).Value));

        var itself = SmallLog.Judge(SmallLog.AlwaysB, SmallLog.Of(SmallLog.AlwaysB, Rows(2_000, 0.5, 1), new Dictionary<int, BlueprintContent> { [1] = SmallLog.Even, [2] = SmallLog.AlwaysB }));
        Assert.Null(itself.Current);
        Assert.True(double.IsFinite(itself.Relative.Value) && double.IsNaN(itself.Foretold(2).Value));
    }

    /// <summary>Each hundred decisions hold both options in their share, and of each option the share that buys, to the decision.</summary>
    private static IEnumerable<SmallRow> Rows(int count, double chanceOfB, int version)
    {
        int[] seen = [0, 0];
        for (var i = 0; i < count; i++)
        {
            var option = (i * 37 % 100) < 100 * chanceOfB ? 1 : 0;
            var buys = seen[option]++ % 10 < 1 + option;
            yield return new($"v{version}u{i}", option, option == 1 ? chanceOfB : 1 - chanceOfB, buys ? 1 : 0) { Version = version };
        }
    }
}

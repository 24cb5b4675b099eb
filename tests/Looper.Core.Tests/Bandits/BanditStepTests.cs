using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Bandits;

namespace Looper.Core.Tests.Bandits;

public sealed class BanditStepTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static BanditStep Step(DateTimeOffset at, long decisions) => new(at, decisions, 0, 0, ImmutableSortedDictionary<string, long>.Empty.Add("a", decisions), ImmutableSortedDictionary<string, double>.Empty);

    [Fact] // a new version waits a week for an outcome: it learns again from what was told already
    public void What_was_told_is_not_told_again_by_a_version_with_longer_windows()
    {
        var told = BanditStep.With(JsonSerializer.Serialize(Array.Empty<BanditStep>(), JsonSerializerOptions.Web), Step(s_noon, 40));
        Assert.Equal(s_noon, BanditStep.ToldUntil(told, s_noon.AddDays(-7)));
        Assert.Equal(s_noon.AddMinutes(1), BanditStep.ToldUntil(told, s_noon.AddMinutes(1)));
        var again = Assert.Single(BanditStep.Read(BanditStep.With(told, Step(s_noon.AddDays(-6), 30) with { Held = 0.25 })));
        Assert.Equal((s_noon, 40L, 0.25), (again.At, again.Decisions, again.Held)); // what it believes now, of what was told before
        Assert.Equal([40L, 5], BanditStep.Read(BanditStep.With(told, Step(s_noon.AddHours(1), 5))).Select(s => s.Decisions));
    }
}

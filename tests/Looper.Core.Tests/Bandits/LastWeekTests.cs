using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Tests.Serving;
using Looper.Testing;

namespace Looper.Core.Tests.Bandits;

public sealed class LastWeekTests
{
    [Fact] // steps are kept by number, and where few decide they reach back for months
    public async Task What_was_spent_on_exploring_is_of_the_last_seven_days()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (clock, policy, point) = (new TestClock(), new BanditPolicy(), database.Get<Ids>().Next());
        BanditStep Step(double daysAgo, long explored) => new(clock.GetUtcNow().AddDays(-daysAgo), 100, explored, 0, ImmutableSortedDictionary<string, long>.Empty, ImmutableSortedDictionary<string, double>.Empty);
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            db.Add(new DecisionPoint { Id = point, Key = "banner", Name = "Banner", CurrentVersion = 1 });
            db.Add(new Blueprint { Id = database.Get<Ids>().Next(), DecisionPointId = point, Version = 1, Hash = "h", Content = BlueprintJson.Write(Serve.Banner(policy)) });
            db.Add(new LearnedBandit
            {
                Id = database.Get<Ids>().Next(), DecisionPointId = point, Version = 1, Number = 1, State = LearnedBanners.Bytes(policy),
                Steps = BanditStep.With(BanditStep.With("[]", Step(7.1, 90)), Step(6.9, 10)),
            });
            await db.SaveChangesAsync();
        }
        var view = (await new BanditQueries(database.Databases, clock).FindAsync(Caller.System, "banner", null, null, default)).Value!;
        Assert.Equal((2, 0.1), (view.Steps.Length, view.Explored));
    }
}

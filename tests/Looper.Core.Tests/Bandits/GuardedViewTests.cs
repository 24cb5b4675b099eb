using Looper.Core.Access;
using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Tests.Serving;
using Looper.Testing;

namespace Looper.Core.Tests.Bandits;

public sealed class GuardedViewTests
{
    [Theory, InlineData(0.1, 0.5), InlineData(0.01, 1)] // learned within 0.1, when half of all decisions followed it
    public async Task A_new_version_is_told_to_hold_as_much_back_as_it_does(double margin, double held)
    {
        await using var database = await TestDatabase.CreateAsync();
        var (policy, point) = (new BanditPolicy(), database.Get<Ids>().Next());
        var content = LearnedBanners.Guarded(policy);
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            db.Add(new DecisionPoint { Id = point, Key = "banner", Name = "Banner", CurrentVersion = 2 });
            db.Add(new Blueprint { Id = database.Get<Ids>().Next(), DecisionPointId = point, Version = 2, Hash = "h", Content = BlueprintJson.Write(content with { Goal = content.Goal with { Guardrails = [new("refunds", margin)] } }) });
            db.Add(new LearnedBandit { Id = database.Get<Ids>().Next(), DecisionPointId = point, Version = 1, Number = 1, State = LearnedBanners.GuardedBytes(policy) });
            await db.SaveChangesAsync();
        }
        Assert.Equal(held, (await new BanditQueries(database.Databases, new TestClock()).FindAsync(Caller.System, "banner", null, null, default)).Value!.Held);
    }
}

using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Tests.Experiments;

/// <summary>What looks again and again at many things: one that cannot be read keeps none of the others from being looked at.</summary>
public class OneByOneTests
{
    [Fact]
    public async Task What_fails_for_one_keeps_none_of_the_others_from_it()
    {
        var seen = new List<int>();
        var fault = await Assert.ThrowsAsync<AggregateException>(() => OneByOne.DoAsync([1, 2, 3], n => $"Number {n}", n =>
        {
            seen.Add(n);
            return n == 1 ? throw new FormatException("planted") : Task.FromResult(true);
        }));
        Assert.Equal([1, 2, 3], seen);
        Assert.StartsWith("Number 1 could not", Assert.Single(fault.InnerExceptions).Message, StringComparison.Ordinal);
        Assert.Equal(2, await OneByOne.DoAsync([1, 2, 3], n => "", n => Task.FromResult(n > 1)));
    }

    [Theory]
    [InlineData("traffic")]
    [InlineData("shares")]
    [InlineData("launch")]
    [InlineData("apprentice")]
    public async Task Each_that_cannot_be_read_is_named_after_all_have_been_looked_at(string what)
    {
        await using var database = await TestDatabase.CreateAsync();
        var (databases, clock) = (database.Databases, database.Get<TimeProvider>());
        await using (var db = await databases.CreateDbContextAsync()) await AddAsync(db, clock.GetUtcNow());
        Task Look() => what switch
        {
            "traffic" => new RampActions(databases, null!, clock, database.Get<ChangeFeed>()).CheckAsync(default),
            "shares" => new AllocationActions(databases, null!, clock, database.Get<ChangeFeed>()).RenewAsync(default),
            "launch" => new LaunchFollowing(databases, null!, clock).CheckAsync(default),
            _ => new ApprenticeActions(databases, null!, null!, null!, null!, database.Get<Ids>(), database.Get<ChangeFeed>(), clock).FollowAsync(default),
        };
        var fault = await Assert.ThrowsAsync<AggregateException>(Look);
        Assert.Equal(2, fault.InnerExceptions.Count);
        Assert.All(fault.InnerExceptions, f => Assert.Contains(what, f.Message, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task AddAsync(LooperDb db, DateTimeOffset now)
    {
        for (var i = 0; i < 2; i++)
        {
            var point = new DecisionPoint { Id = Guid.CreateVersion7(), Key = $"point-{i}", Name = "Point", CurrentVersion = 1 };
            var evaluation = new PolicyEvaluation { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, MadeAt = now, Result = "{" };
            evaluation.Launch(2, now);
            db.AddRange(point, evaluation);
            db.Add(new Experiment { Id = Guid.CreateVersion7(), Key = $"broken-{i}", Name = "Broken", DecisionPointId = point.Id, Plan = "{", State = ExperimentState.Running, StartedAt = now });
            db.Add(new Apprentice { Id = Guid.CreateVersion7(), DecisionPointId = point.Id }); // its point has no version to read
        }

        await db.SaveChangesAsync();
    }
}

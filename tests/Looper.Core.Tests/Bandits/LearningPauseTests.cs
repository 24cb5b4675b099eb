using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Core.Tests.Policies;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Bandits;

/// <summary>A bandit that was not looked at for a while.</summary>
public sealed class LearningPauseTests
{
    [Theory, InlineData(299, 548), InlineData(300, 299)] // 249 were learned from before
    public async Task No_more_are_read_than_are_learned_from_at_most(int came, int rows)
    {
        var (clock, id) = (new TestClock(), new Guid(7, 7, 7, new byte[8]));
        using var folder = new TemporaryDirectory();
        await using var database = await TestDatabase.CreateAsync(clock);
        await using var open = new OpenJournal(folder.Path, clock);
        await using var db = await database.Databases.CreateDbContextAsync();
        db.Add(new DecisionPoint { Id = id, Key = "banner", Name = "Banner", CurrentVersion = 1 });
        var content = SmallLog.AlwaysB with { Policy = new BanditPolicy(), Outcomes = [SmallLog.AlwaysB.Outcomes[0] with { Absent = 0 }] };
        db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = id, Version = 1, Content = BlueprintJson.Write(content), PublishedAt = clock.GetUtcNow() });
        await db.SaveChangesAsync();
        var learning = new BanditLearning(database.Databases, open.Examples, database.Get<Ids>(), open.Changes, clock, NullLogger<BanditLearning>.Instance) { Most = 299 };

        await LogAsync(0, 249);
        Assert.Equal(1, await learning.LearnAsync(default));
        await LogAsync(249, came);
        Assert.Equal(1, await learning.LearnAsync(default));
        Assert.Equal(rows, (await db.Set<LearnedBandit>().AsNoTracking().SingleAsync()).Rows);

        async Task LogAsync(int first, int count)
        {
            var served = new byte[1];
            ServedRow.WriteBoolean(served, true);
            for (var i = first; i < first + count; i++)
            {
                var (decided, isLast) = (clock.GetUtcNow().AddMilliseconds(i), i == first + count - 1);
                await open.AddAsync(new DecisionRecord
                {
                    Id = $"d{i}", DecisionPointId = id, Unit = $"u{i}", Time = decided, BlueprintVersion = 1, Option = i % 2, Propensity = 0.5, Reason = Reason.Explore, Served = served,
                }, durable: isLast);
                if (i % 3 == 0) await open.AddAsync(new ObservationRecord { Id = $"o{i}", DecisionId = $"d{i}", Outcome = "purchase", Value = 1, Time = decided, ReceivedAt = decided });
            }
            clock.Turn(TimeSpan.FromMinutes(10));
        }
    }
}

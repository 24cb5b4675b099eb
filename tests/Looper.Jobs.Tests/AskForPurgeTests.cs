using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Jobs.Tests;

public sealed class AskForPurgeTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(_clock, s => s.AddRuns().AddScoped<AskForPurgeJob>());
        await using var db = await _database.Databases.CreateDbContextAsync();
        db.Add(AuditEntry.Of(Caller.System, "user.created", "first", _clock.GetUtcNow()));
        await db.SaveChangesAsync();
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task One_that_is_shut_down_every_night_removes_what_is_old_by_day()
    {
        TurnTo(hour: 10);
        Assert.Equal(0, await AskAsync()); // installed today
        _clock.Turn(TimeSpan.FromHours(30)); // 16 h the next day
        Assert.Equal(1, await AskAsync());
        await EndAsync();
        _clock.Turn(TimeSpan.FromHours(1));
        Assert.Equal(1, await AskAsync());
        _clock.Turn(TimeSpan.FromHours(17)); // 10 h: the night went by without it
        Assert.Equal(1, await AskAsync());
        _clock.Turn(TimeSpan.FromHours(9));
        Assert.Equal(2, await AskAsync());
    }

    [Fact]
    public async Task One_that_runs_all_day_does_it_at_night()
    {
        var asked = new List<int>();
        TurnTo(hour: AskForPurgeJob.Night);
        for (var hour = 0; hour < 72; hour++, _clock.Turn(TimeSpan.FromHours(1)))
        {
            var before = asked.Count;
            if (await AskAsync() > before) asked.Add(_clock.GetUtcNow().Hour);
            await EndAsync();
        }
        Assert.Equal([AskForPurgeJob.Night, AskForPurgeJob.Night, AskForPurgeJob.Night], asked);
    }

    private void TurnTo(int hour) => _clock.Turn(TimeSpan.FromHours((hour - _clock.GetUtcNow().Hour + 24) % 24));

    /// <summary>How many have been asked for by now.</summary>
    private async Task<int> AskAsync()
    {
        await using var scope = _database.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AskForPurgeJob>().Execute(null!);
        await using var db = await _database.Databases.CreateDbContextAsync();
        return await db.Set<JobRun>().CountAsync(r => r.Kind == JobKinds.PurgeEvents);
    }

    private async Task EndAsync()
    {
        await using var db = await _database.Databases.CreateDbContextAsync();
        foreach (var run in await db.Set<JobRun>().Where(r => r.State == JobState.Queued).ToListAsync()) run.End(JobState.Done, "Nothing was old enough to go.", _clock.GetUtcNow());
        await db.SaveChangesAsync();
    }
}

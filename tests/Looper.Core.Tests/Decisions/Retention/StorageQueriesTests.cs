using Looper.Core.Decisions.Retention;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Looper.Core.Tests.Decisions.Retention;

public sealed class StorageQueriesTests
{
    [Fact] // a probe that hangs takes a node out that still decides
    public async Task Health_does_not_wait_for_a_database_that_hangs()
    {
        using var folder = new TemporaryDirectory();
        var clock = new TestClock(Recorded.Noon);
        await using var open = new OpenJournal(folder.Path, clock);
        await open.AddAsync(Recorded.Decision("d-1"), durable: true);
        using var directory = new DataDirectory(Options.Create(new LooperOptions { DataDirectory = folder.Path }));
        using var storage = new StorageQueries(new(new Hanging(), clock, new()), open.Reader, directory, clock);
        for (var look = 0; look < 3; look++)
        {
            var seen = await storage.LookAsync(default).WaitAsync(TimeSpan.FromMinutes(1));
            Assert.Equal((1L, RetentionPlan.PresetDays), (seen.Storage.Decisions, seen.Days));
            clock.Turn(TimeSpan.FromMinutes(6));
        }
    }

    private sealed class Hanging : IDbContextFactory<LooperDb>
    {
        public LooperDb CreateDbContext() => throw new NotSupportedException();

        public Task<LooperDb> CreateDbContextAsync(CancellationToken cancellationToken = default) => new TaskCompletionSource<LooperDb>().Task;
    }
}

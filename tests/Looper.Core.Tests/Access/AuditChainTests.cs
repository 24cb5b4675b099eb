using Looper.Core.Access;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Tests.Access;

public class AuditChainTests
{
    private static readonly Caller Ada = new("ada@example.com", Role.Admin);

    [Fact]
    public async Task S16_the_chain_holds_over_writers_side_by_side()
    {
        await using var database = await TestDatabase.CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++) await WriteAsync(database, $"thing.changed-{w}", rows: 1 + i % 2);
        })));
        await using var db = await database.Databases.CreateDbContextAsync();
        Assert.Equal(Enumerable.Range(1, 60).Select(i => (long)i), await db.Set<AuditEntry>().OrderBy(e => e.Id).Select(e => e.Id).ToListAsync());
        Assert.Null(await AuditChain.FirstBrokenAsync(db, default));
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET who = 'eve@example.com' WHERE id = 3", 3)]
    [InlineData("UPDATE audit_entries SET after = '{\"role\":\"Viewer\"}' WHERE id = 2", 2)]
    [InlineData("UPDATE audit_entries SET at = at + 10 WHERE id = 4", 4)]
    [InlineData("UPDATE audit_entries SET hash = zeroblob(32) WHERE id = 5", 5)]
    [InlineData("DELETE FROM audit_entries WHERE id = 2", 2)]
    public async Task S16_one_changed_byte_or_lost_row_is_found(string sql, long broken)
    {
        await using var database = await TestDatabase.CreateAsync();
        for (var i = 0; i < 5; i++) await WriteAsync(database, "thing.changed", rows: 1);
        await using var db = await database.Databases.CreateDbContextAsync();
        if (db.Database.IsNpgsql())
            sql = sql.Replace("at + 10 ", "at + interval '1 microsecond' ", StringComparison.Ordinal).Replace("zeroblob(32)", "'\\x00'", StringComparison.Ordinal);
        await db.Database.ExecuteSqlRawAsync(sql.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
        Assert.Equal(broken, await AuditChain.FirstBrokenAsync(db, default));
    }

    [Fact]
    public async Task A_row_cannot_be_changed_or_removed_through_the_database_context()
    {
        await using var database = await TestDatabase.CreateAsync();
        await WriteAsync(database, "thing.changed", rows: 1);
        await using var db = await database.Databases.CreateDbContextAsync();
        db.Remove(await db.Set<AuditEntry>().SingleAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.SaveChangesAsync());
    }

    [Fact]
    public async Task What_fails_to_save_leaves_no_row()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            db.Add(new Setting { Key = "one" });
            await db.SaveChangesAsync();
        }
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            db.Add(new Setting { Key = "one" });
            db.Add(AuditEntry.Of(Ada, "thing.changed", "one", database.Get<TimeProvider>().GetUtcNow()));
            await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());
        }
        await WriteAsync(database, "thing.changed", rows: 1);
        await using var check = await database.Databases.CreateDbContextAsync();
        Assert.Equal(1, await check.Set<AuditEntry>().CountAsync());
        Assert.Null(await AuditChain.FirstBrokenAsync(check, default));
    }

    [Fact]
    public async Task R12_a_save_that_read_an_older_revision_fails()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var first = await database.Databases.CreateDbContextAsync();
        first.Add(new Setting { Key = "name", Value = "before" });
        await first.SaveChangesAsync();
        await using var second = await database.Databases.CreateDbContextAsync();
        var (mine, theirs) = (await first.Set<Setting>().SingleAsync(), await second.Set<Setting>().SingleAsync());
        mine.Value = "mine";
        await first.SaveChangesAsync();
        theirs.Value = "theirs";
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => second.SaveChangesAsync());
        await using var check = await database.Databases.CreateDbContextAsync();
        var kept = await check.Set<Setting>().SingleAsync();
        Assert.Equal(("mine", 1L), (kept.Value, kept.Revision));
    }

    private static async Task WriteAsync(TestDatabase database, string action, int rows)
    {
        await using var db = await database.Databases.CreateDbContextAsync();
        for (var i = 0; i < rows; i++) db.Add(AuditEntry.Of(Ada, action, "subject", database.Get<TimeProvider>().GetUtcNow(), new { Role = "Analyst" }, new { Role = "Admin" }, "asked"));
        await db.SaveChangesAsync();
    }
}

using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Events;

/// <summary>Rows that are there though nobody was told so: of a group whose commit seemed to fail.</summary>
public sealed class DecisionTableTests : IDisposable
{
    private const long Point = 1;

    private readonly TemporaryDirectory _folder = new();
    private readonly CorruptRecords _corrupt = new(NullLogger<CorruptRecords>.Instance);
    private readonly SqliteConnection _connection;
    private readonly DecisionTable _table;

    public DecisionTableTests()
    {
        _connection = EventFile.OpenForWriting(JournalOptions.In(_folder.Path));
        EventFile.Execute(_connection, $"INSERT INTO points VALUES ({Point}, x'{Convert.ToHexString(Recorded.Banner.ToByteArray(bigEndian: true))}')");
        _table = new(_connection, PointTable.Read(_connection), _corrupt, reach: 0);
    }

    public void Dispose()
    {
        _table.Dispose();
        _connection.Dispose();
        _folder.Dispose();
    }

    [Theory, InlineData(1), InlineData(20)] // one by one, and a lot with a rest
    public void Rows_of_a_commit_that_seemed_to_fail_are_seen_and_their_numbers_given_to_none(int count)
    {
        Append([.. Ids("known", count)]);
        var known = _table.Last;
        Append([.. Ids("unsure", count)]);
        (_table.Last, _table.Awaited) = (known, 0); // as the journal goes back to what it knows
        _table.ForgetUnits();

        var answers = Append([.. Ids("unsure", 1), .. Ids("next", count)]);
        Assert.Equal([AppendStatus.Replayed, .. Enumerable.Repeat(AppendStatus.Stored, count)], answers.Select(a => a.Status));
        Assert.Equal("unsure-0", answers[0].Stored!.Id);
        Assert.Equal([.. Ids("known", count), .. Ids("unsure", count), .. Ids("next", count)], IdsByNumber());
        Assert.Equal([Point], _table.PointsOf(UnitHash.Of("user of unsure-0")).ToArray());
        Assert.Equal(3 * count, _table.Last);
    }

    [Fact]
    public void The_number_of_such_a_row_is_given_to_none_after_it_was_removed()
    {
        Append("known");
        var known = _table.Last;
        Append("unsure-0", "unsure-1");
        _table.Last = known;
        _table.ForgetUnits();
        _table.Begin();
        EventFile.Execute(_connection, "DELETE FROM decisions WHERE id = 'unsure-1'"); // between groups
        Append("next");
        Assert.Equal([(1, "known"), (2, "unsure-0"), (4, "next")], Rows());
    }

    private static IEnumerable<string> Ids(string name, int count) => Enumerable.Range(0, count).Select(i => $"{name}-{i}");

    private Appended[] Append(params string[] ids)
    {
        DecisionRecord[] records = [.. ids.Select(id => Recorded.Decision(id, unit: $"user of {id}"))];
        var rows = new EncodedDecision[records.Length];
        EncodedDecision.Of(records, new byte[records.Sum(EncodedDecision.Room)], rows);
        var found = new Appended[rows.Length];
        EventFile.Execute(_connection, "BEGIN IMMEDIATE");
        _table.Begin();
        _table.Append(records, rows, [.. ids.Select(_ => Point)], found);
        EventFile.Execute(_connection, "COMMIT");
        return found;
    }

    private List<string> IdsByNumber()
    {
        var rows = Rows();
        Assert.Equal(Enumerable.Range(1, rows.Count), rows.Select(r => r.Number));
        return [.. rows.Select(r => r.Id)];
    }

    private List<(int Number, string Id)> Rows()
    {
        using var read = new Statement(_connection, $"SELECT {EventRows.Decision} FROM decisions ORDER BY seq");
        var rows = new List<(int, string)>();
        while (read.Step()) rows.Add(((int)read.Int64(0), EventRows.ReadDecision(read, PointTable.Read(_connection), _corrupt)!.Id));
        return rows;
    }
}

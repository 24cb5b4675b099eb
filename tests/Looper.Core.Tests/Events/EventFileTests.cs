using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

/// <summary>Which journals of other versions open.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_journal_with_long_rows_is_taken_over_and_read()
    {
        byte[] row = [1, 0, 0, 0, 0, 0, 0xE0, 0x54, 0x40, 4, 2, 0, (byte)'N', (byte)'L'];
        await using (var open = new OpenJournal(_folder.Path)) Assert.Equal(AppendStatus.Stored, await open.AddAsync(Recorded.Decision("d-1") with { Served = row }, durable: true));
        SetVersion(3);
        await using (var open = new OpenJournal(_folder.Path))
        {
            var found = await open.Reader.FindDecisionAsync("d-1", default);
            var reader = new ServedRowReader(found!.Served.Span);
            Assert.True(reader.Read() && reader.Number == 83.5 && reader.Read() && reader.TextString == "NL" && !reader.Read());
        }
        Assert.Equal(EventsVersion.Current, RecordCheck.VersionOf(JournalOptions.In(_folder.Path)));
    }

    [Fact]
    public async Task What_was_counted_before_versions_were_is_counted_without_one()
    {
        await using (var open = new OpenJournal(_folder.Path)) await open.AddAsync(Recorded.Decision("d-1"), durable: true);
        using (var connection = EventFile.OpenForWriting(JournalOptions.In(_folder.Path))) EventFile.Execute(connection, "DROP TABLE version_hours");
        await using (var open = new OpenJournal(_folder.Path))
        {
            await open.AddAsync(Recorded.Decision("d-2"), durable: true);
            await Eventually.IsTrueAsync(async () => (await open.Reader.OptionsAsync(Recorded.Banner, Recorded.Noon, Recorded.Noon, default)).SequenceEqual([new(0, 0, Reason.Policy, 1), new(3, 0, Reason.Policy, 1)]));
        }
    }

    [Theory, InlineData(2, "from before the first release"), InlineData(EventsVersion.Current + 1, "Start the newer Looper")]
    public async Task Other_versions_are_refused_and_left_as_they_are(int version, string reason)
    {
        await using (var open = new OpenJournal(_folder.Path)) await open.AddAsync(Recorded.Decision("d-1"), durable: true);
        SetVersion(version);
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => EventFile.OpenForWriting(JournalOptions.In(_folder.Path))).Message, StringComparison.Ordinal);
        Assert.Equal(version, RecordCheck.VersionOf(JournalOptions.In(_folder.Path)));
    }

    [Theory, InlineData(0), InlineData(4_096)] // the header, and a page behind it
    public async Task A_damaged_file_is_named_with_what_to_do(int at)
    {
        await using (var open = new OpenJournal(_folder.Path)) await open.AddAsync(Recorded.Decision("d-1"), durable: true);
        await using (var file = new FileStream(JournalOptions.In(_folder.Path).Path, FileMode.Open))
        {
            file.Position = at;
            file.Write(Enumerable.Repeat((byte)0xA5, 65_536).ToArray());
        }
        var said = Assert.Throws<InvalidDataException>(() => new OpenJournal(_folder.Path)).Message;
        Assert.StartsWith($"{JournalOptions.In(_folder.Path).Path} is damaged", said, StringComparison.Ordinal);
        Assert.Contains("restore --from", said, StringComparison.Ordinal);
    }

    private void SetVersion(int version)
    {
        using var connection = EventFile.OpenForWriting(JournalOptions.In(_folder.Path));
        EventFile.Execute(connection, $"PRAGMA user_version = {version}");
    }
}

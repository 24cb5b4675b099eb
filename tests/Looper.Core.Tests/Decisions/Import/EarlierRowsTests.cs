using System.Text;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Import;
using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Looper.Core.Models;
using Looper.Core.Runs;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Decisions.Import;

/// <summary>A file whose import was begun when payloads and the numbers and texts in them were longer goes on where it was. The rows are as that version wrote them.</summary>
public sealed class EarlierRowsTests : IAsyncDisposable
{
    private const int LongRows = 3;

    private const string Begun = """
        user,when,shown,chance,country,cartValue,device.mobile,purchase,revenue
        anna,2026-01-05T10:00:00Z,ten-percent,0.25,NL,83.5,true,1,24.90
        ben,1767610800,none,,,,0,0,

        """;

    private const string Rows = """
        INSERT INTO points VALUES (1, x'019AA000000070008000000000000001');
        INSERT INTO decisions VALUES
          (1, x'0000000000008E7FAB9261DCC8129D1F', 1, 639032040000000000, -9054174981560671632, 2,
           x'012A000000BC3B7BAD02010100027163D41D7CEEF201000000000000D03F04616E6E610F0402004E4C010000000000E0544003'),
          (2, x'00000000000183A296F8B32343B533E4', 1, 639032076000000000, 7489739853874145396, 2, x'0115000000CA7C99F900010100045D4067C1EADB413C0362656E03000002');
        INSERT INTO observations VALUES
          (1, x'A1A66E6418C09A19', x'0000000000008E7FAB9261DCC8129D1F', NULL, 639032040000000000, 2, x'0122000000A484DA90087075726368617365000000000000F03F00A06D229048DF08A22F36702300B1FB00'),
          (2, x'15A079253C48D88E', x'0000000000008E7FAB9261DCC8129D1F', NULL, 639032040000000000, 2, x'0121000000A65700A007726576656E75656666666666E6384000A06D229048DF08DA4942949C82D89B00'),
          (3, x'2293D537690D4E8C', x'00000000000183A296F8B32343B533E4', NULL, 639032076000000000, 2, x'0122000000B3F25C64087075726368617365000000000000000000A06D229048DF083AF9FA374A7C55F000');
        """;

    private readonly TestDatabase _database = TestDatabase.CreateAsync(services: s => s.AddEvents().AddRuns().AddDecisions()).GetAwaiter().GetResult();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Rows_of_an_import_that_was_begun_by_an_earlier_version_are_known_again_and_the_rest_is_added()
    {
        await BeginAsync();
        var result = await ImportAsync(Begun + "carl,2026-01-05T12:00:00Z,none,0.5,DE,7,no,1,3\n");
        Assert.Equal((3, 1, 2, 0, 5, 3), (result.Rows, result.Stored, result.Replayed, result.Refused, result.Outcomes, result.OutcomesReplayed));
        var read = (await _database.Get<EventReader>().DecisionsAsync(new(Recorded.Banner), null, 10, default)).Items;
        Assert.Equal(["anna", "ben", "carl"], read.Select(d => d.Unit).Order());
        var anna = read.Single(d => d.Unit == "anna");
        var served = new ServedRowReader(anna.Served.Span);
        Assert.True(served.Read() && served.TextString == "NL" && served.Read() && served.Number == 83.5 && served.Read() && served.Kind == ServedKind.True && !served.Read());
        var trail = await _database.Get<EventReader>().FindTrailAsync(anna.Id, default);
        Assert.Equal([("purchase", 1.0), ("revenue", 24.9)], trail!.Observations.Select(o => (o.Outcome, o.Value)).Order());
    }

    [Fact]
    public async Task Rows_of_an_earlier_version_that_say_something_else_are_refused_as_ever()
    {
        await BeginAsync();
        var result = await ImportAsync(Begun, propensity: "uniform");
        Assert.Equal((2, 0, 0, 2), (result.Rows, result.Stored, result.Replayed, result.Refused));
    }

    private async Task BeginAsync()
    {
        using (var events = EventFile.OpenForWriting(JournalOptions.In(_database.Directory))) EventFile.Execute(events, $"{Rows} PRAGMA user_version = {LongRows}");
        await using var db = await _database.Databases.CreateDbContextAsync();
        db.Add(new DecisionPoint { Id = Recorded.Banner, Key = "banner", Name = "Banner", CurrentVersion = 1, CreatedAt = DateTimeOffset.UnixEpoch });
        db.Add(new Blueprint
        {
            Id = _database.Get<Ids>().Next(), DecisionPointId = Recorded.Banner, Version = 1, Content = BlueprintJson.Write(Sample.Banner), Hash = "h",
            PublishedAt = DateTimeOffset.UnixEpoch, PublishedBy = "test",
        });
        await db.SaveChangesAsync();
    }

    private async Task<ImportResult> ImportAsync(string csv, string propensity = "chance")
    {
        var mapping = new ImportMapping { DecisionPoint = "banner", Option = "shown", Unit = "user", Time = "when", Propensity = propensity };
        var imported = await _database.Get<Importer>().RunAsync(mapping, new MemoryStream(Encoding.UTF8.GetBytes(csv)), Guid.Empty, "test", null, _ => { }, default);
        Assert.Null(imported.Refusal);
        return imported.Value.Result;
    }
}

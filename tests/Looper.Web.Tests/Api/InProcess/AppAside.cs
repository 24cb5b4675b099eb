using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Web.Tests.Hosting;
using Microsoft.Data.Sqlite;

namespace Looper.Web.Tests.Api.InProcess;

/// <summary>An app that decides in its own process: by the snapshots that it downloaded, with the engine that Looper decides with.</summary>
internal sealed class AppAside
{
    public const string Made = "/v1/decisions/made";

    private readonly Dictionary<string, (ServingSnapshot Snapshot, string Tag)> _snapshots = [];

    public static async Task<AppAside> WithAsync(HttpClient client, params string[] keys)
    {
        var aside = new AppAside();
        foreach (var key in keys)
        {
            using var answer = await client.GetAsync(new Uri($"/v1/snapshots/{key}", UriKind.Relative));
            Assert.Equal((HttpStatusCode.OK, "application/octet-stream"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            var source = SnapshotCodec.Read(await answer.Content.ReadAsByteArrayAsync()).Value!;
            Assert.Equal((DateTimeOffset.UnixEpoch, key), (source.ReadAt, Assert.Single(source.Points).Key));
            aside._snapshots[key] = (ServingSnapshot.Compile(source), answer.Headers.ETag!.Tag);
        }
        return aside;
    }

    public string TagOf(string key) => _snapshots[key].Tag;

    /// <summary>The call and its answer, as they are reported.</summary>
    /// <param name="context">JSON; null for none.</param>
    public JsonObject Decide(string key, string id, string unit, string? context, DateTimeOffset at)
    {
        var (snapshot, workspace) = (_snapshots[key].Snapshot, new DecisionWorkspace());
        var point = snapshot.Find(key)!;
        var decision = DecisionEngine.Decide(snapshot, point, new(Encoding.UTF8.GetBytes(unit), Encoding.UTF8.GetBytes(id), Encoding.UTF8.GetBytes(context ?? ""), at: at), workspace);
        var made = new JsonObject
        {
            ["decisionPoint"] = key, ["decisionId"] = id, ["unit"] = unit, ["time"] = at.ToString("O", CultureInfo.InvariantCulture),
            ["blueprintVersion"] = decision.Blueprint!.Version, ["decision"] = Word(decision), ["propensity"] = decision.Propensity, ["reason"] = decision.Reason.Word(),
            ["experiment"] = decision.Experiment?.Key, ["arm"] = decision.Experiment?.ArmKey(decision.Arm), ["modelVersion"] = decision.ModelNumber > 0 ? decision.ModelNumber : null,
            ["isDefault"] = decision.Reason.IsDefault(),
        };
        if (context is not null) made["context"] = JsonNode.Parse(context);
        if (!workspace.Scores.IsEmpty) made["scores"] = new JsonArray([.. workspace.Scores.ToArray().Select(s => (JsonNode)s)]);
        return made;
    }

    private static JsonNode Word(Decision decision) => decision.Blueprint!.Answers.Shape switch
    {
        DecisionShape.Binary => decision.Answer.Option == 1,
        DecisionShape.Choice => decision.Blueprint.Answers.Options[decision.Answer.Option],
        DecisionShape.Value => decision.Answer.Value,
        _ => JsonNode.Parse(decision.Answer.Configuration!.Text)!,
    };

    /// <summary>What becomes of each, where the call is taken.</summary>
    public static async Task<List<JsonNode>> SendAsync(HttpClient client, params IEnumerable<JsonObject> made) =>
        [.. (await client.OkAsync(Made, Batch(made)))["items"]!.AsArray().Select(i => i!)];

    public static string Batch(params IEnumerable<JsonObject> made) => $"{{\"items\":[{string.Join(',', made.Select(m => m.ToJsonString()))}]}}";

    /// <summary>Its one item is on disk.</summary>
    public static async Task TakesAsync(HttpClient client, JsonObject made)
    {
        var item = Assert.Single(await SendAsync(client, made));
        Assert.Equal("{\"status\":202}", item.ToJsonString());
    }

    /// <summary>Its one item is refused so; returns the problem.</summary>
    public static async Task<JsonNode> RefusesAsync(HttpClient client, JsonObject made, int status, string code, string? field)
    {
        var item = Assert.Single(await SendAsync(client, made));
        Assert.True(status == item["status"]!.GetValue<int>(), item.ToJsonString());
        Assert.Equal((code, field), ((string?)item["problem"]!["code"], (string?)item["problem"]!["field"]));
        return item["problem"]!;
    }

    /// <summary>Every row of the decisions, byte for byte, by the order of their ids.</summary>
    public static List<string> Rows(LooperApp app)
    {
        using var file = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = app.Get<JournalOptions>().Path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        file.Open();
        using var read = file.CreateCommand();
        read.CommandText = "SELECT hex(id) || ' ' || hex(point) || ' ' || time || ' ' || unit || ' ' || marks || ' ' || hex(payload) FROM decisions ORDER BY id";
        using var rows = read.ExecuteReader();
        var found = new List<string>();
        while (rows.Read()) found.Add(rows.GetString(0));
        return found;
    }
}

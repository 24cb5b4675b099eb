using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Files;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Decisions;

/// <summary>48,000 real customers of Hillstrom's e-mail experiment, imported over HTTP as the README shows.</summary>
public class HillstromImportTests
{
    private static readonly string[] s_outcomes = ["visit", "conversion", "spend"];

    [Fact]
    public async Task The_whole_file_is_imported_once_and_its_arms_have_the_means_of_the_file()
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        var path = SharedData.File("hte", "hillstrom", "hillstrom.csv.gz");
        await using var looper = new LooperApp();
        var client = await looper.SignedInAsync(Role.Engineer);
        await PublishAsync(client);

        var first = await ImportAsync(client, path);
        Assert.StartsWith("48,000 rows: 48,000 decisions imported, 0 there already, 0 refused; 144,000 outcomes imported, 0 there already.", first);
        var second = await ImportAsync(client, path);
        Assert.StartsWith("48,000 rows: 0 decisions imported, 48,000 there already, 0 refused; 0 outcomes imported, 144,000 there already.", second);

        var expected = MeansOfFile(path);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var experiment = await db.Set<Experiment>().SingleAsync();
        var arms = ExperimentJson.ReadPlan(experiment.Plan).Arms;
        Assert.Equal(["No E-Mail", "Mens E-Mail", "Womens E-Mail"], arms.Select(a => a.Key));
        var sums = arms.ToDictionary(a => a.Key, _ => new double[4]);
        Outcome[] outcomes = [.. s_outcomes.Select(o => new Outcome(o, o == "spend" ? OutcomeKind.Number : OutcomeKind.Boolean) { Window = TimeSpan.FromDays(14), Aggregation = o == "spend" ? Aggregation.Sum : Aggregation.Any })];
        await foreach (var unit in looper.Get<ExposureReader>().ReadAsync(new(experiment.DecisionPointId, experiment.Id, [.. outcomes]), default))
        {
            var sum = sums[arms[unit.Decision.Arm].Key];
            sum[0]++;
            for (var i = 0; i < 3; i++) sum[i + 1] += unit.Values[i];
        }
        foreach (var (arm, mean) in expected)
        {
            Assert.Equal(mean.Count, sums[arm][0]);
            for (var i = 0; i < 3; i++) Assert.Equal(mean.Means[i], sums[arm][i + 1] / sums[arm][0], tolerance: 1e-12 * Math.Max(1, mean.Means[i]));
        }
        // The data README states these means for the file.
        Assert.Equal(0.107020, expected["No E-Mail"].Means[0], 6);
        Assert.Equal(0.182507, expected["Mens E-Mail"].Means[0], 6);
        Assert.Equal(1.145006, expected["Womens E-Mail"].Means[2], 6);
    }

    private static async Task PublishAsync(HttpClient client)
    {
        using var created = await client.PostAsync("/api/drafts", new StringContent("""
            {"key":"email-campaign","name":"E-mail campaign","content":{"shape":"choice","unitName":"customer",
             "options":[{"key":"Mens E-Mail"},{"key":"Womens E-Mail"},{"key":"No E-Mail"}],"default":"No E-Mail",
             "features":[{"name":"recency","kind":"number"},{"name":"history","kind":"number"},{"name":"mens","kind":"boolean"},{"name":"womens","kind":"boolean"},
                         {"name":"zip_code","kind":"category"},{"name":"newbie","kind":"boolean"},{"name":"channel","kind":"category"}],
             "outcomes":[{"name":"visit","kind":"boolean","window":"14d","aggregation":"any"},{"name":"conversion","kind":"boolean","window":"14d","aggregation":"any"},
                         {"name":"spend","kind":"number","window":"14d","aggregation":"sum","unitOfMeasure":"USD"}],
             "goal":{"terms":[{"outcome":"visit","weight":1}],"guardrails":[]},"policy":{"kind":"random","weights":[]}}}
            """, System.Text.Encoding.UTF8, "application/json"));
        using var published = await client.PublishAsync(await created.ReadAsync(HttpStatusCode.Created));
        await published.ReadAsync(HttpStatusCode.Created);
    }

    private static async Task<string> ImportAsync(HttpClient client, string path)
    {
        await using var bytes = File.OpenRead(path);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("""{"decisionPoint":"email-campaign","option":"treatment","propensity":"uniform","experiment":{"key":"hillstrom","name":"Hillstrom 2008"}}"""), "mapping" },
            { new StreamContent(bytes), "file", "hillstrom.csv.gz" },
        };
        using var answer = await client.PostAsync("/api/imports", form);
        var job = (await answer.ReadAsync(HttpStatusCode.Accepted))["jobId"]!.GetValue<Guid>();
        while (true)
        {
            var run = (await client.GetFromJsonAsync<JsonNode>($"/api/jobs/{job}"))!["run"]!;
            var state = run["state"]!.GetValue<string>();
            Assert.False(state is "failed" or "cancelled", run["result"]?.GetValue<string>());
            if (state == "done") return run["result"]!.GetValue<string>();
            await Task.Delay(100);
        }
    }

    private static Dictionary<string, (int Count, double[] Means)> MeansOfFile(string path)
    {
        using var file = CsvFile.Open(path);
        int[] columns = [.. s_outcomes.Select(o => file.Header.IndexOf(o))];
        var treatment = file.Header.IndexOf("treatment");
        List<(string Arm, double[] Values)> rows = [];
        while (file.Read() is { } cells) rows.Add((cells[treatment], [.. columns.Select(c => double.Parse(cells[c], System.Globalization.CultureInfo.InvariantCulture))]));
        return rows.GroupBy(r => r.Arm).ToDictionary(g => g.Key, g => (g.Count(), (double[])[.. Enumerable.Range(0, 3).Select(i => g.Average(r => r.Values[i]))]));
    }
}

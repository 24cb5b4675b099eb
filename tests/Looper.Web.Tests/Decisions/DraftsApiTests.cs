using System.Net;
using System.Net.Http.Json;
using System.Text;
using Looper.Core.Access;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Decisions;

public class DraftsApiTests
{
    [Theory, InlineData("W/\"{0}\""), InlineData("\"{0}\""), InlineData(" W/\"{0}\" ")] // a proxy that compresses weakens the tag
    public async Task A_draft_is_saved_on_the_revision_that_the_tag_names(string tag)
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        var draft = await client.CreateDraftAsync("banner");
        using var saved = await client.SaveAsync(draft, string.Format(System.Globalization.CultureInfo.InvariantCulture, tag, draft.Revision()));
        await saved.ReadAsync(HttpStatusCode.OK);
        using var late = await client.SaveAsync(draft, string.Format(System.Globalization.CultureInfo.InvariantCulture, tag, draft.Revision()));
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
    }

    [Fact]
    public async Task A_draft_is_made_from_a_template_changed_and_published_as_version_1()
    {
        await using var looper = new LooperApp();
        var client = await looper.SignedInAsync(Role.Engineer);
        var draft = await client.CreateDraftAsync("checkout-banner");
        Assert.Empty(draft["faults"]!.AsArray());
        draft["content"]!["options"]![0]!["key"] = "free-shipping";
        using var saved = await client.SaveAsync(draft, draft.Revision());
        draft = await saved.ReadAsync(HttpStatusCode.OK);
        Assert.Equal($"\"{draft.Revision()}\"", saved.Headers.ETag!.Tag);
        using var published = await client.PublishAsync(draft, "First try");
        var version = await published.ReadAsync(HttpStatusCode.Created);
        Assert.Equal(1, version["version"]!.GetValue<int>());
        Assert.Equal("free-shipping", version["content"]!["options"]![0]!["key"]!.GetValue<string>());
        Assert.Equal(64, version["hash"]!.GetValue<string>().Length);
        using var gone = await client.GetAsync($"/api/drafts/{draft["id"]}");
        await Problem.IsAsync(gone, HttpStatusCode.NotFound, "draft.unknown");
        var yaml = await client.GetStringAsync("/api/decision-points/checkout-banner/blueprint.yaml");
        Assert.Contains($"version: 1\nhash: {version["hash"]}\n", yaml);
    }

    [Fact]
    public async Task Publishing_names_every_fault_at_once_and_changes_nothing()
    {
        await using var looper = new LooperApp();
        var client = await looper.SignedInAsync(Role.Engineer);
        var draft = await client.CreateDraftAsync("Checkout Banner");
        draft["content"]!["default"] = "gold";
        draft["content"]!["rollout"]!["share"] = 2;
        using var saved = await client.SaveAsync(draft, draft.Revision());
        using var refused = await client.PublishAsync(await saved.ReadAsync(HttpStatusCode.OK));
        var problem = await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "blueprint.invalid");
        Assert.Equal(["key", "default", "rollout.share"], problem["errors"]!.AsArray().Select(e => e!["field"]!.GetValue<string>()));
        var left = await client.GetFromJsonAsync<System.Text.Json.Nodes.JsonArray>("/api/drafts");
        Assert.Single(left!);
    }

    [Fact]
    public async Task R12_of_two_who_save_the_same_draft_one_wins_and_the_other_is_shown_it()
    {
        await using var looper = new LooperApp();
        var (anna, ben) = (await looper.SignedInAsync(Role.Engineer), await looper.SignedInAsync(Role.Engineer));
        var draft = await anna.CreateDraftAsync("checkout-banner");
        var losses = 0;
        const int rounds = 25;
        for (var round = 0; round < rounds; round++)
        {
            var (mine, theirs) = (draft.DeepClone(), draft.DeepClone());
            (mine["name"], theirs["name"]) = ($"Anna {round}", $"Ben {round}");
            var answers = await Task.WhenAll(anna.SaveAsync(mine, draft.Revision()), ben.SaveAsync(theirs, draft.Revision()));
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.PreconditionFailed], answers.Select(a => a.StatusCode).Order());
            var won = await answers.Single(a => a.IsSuccessStatusCode).ReadAsync(HttpStatusCode.OK);
            var lost = await Problem.IsAsync(answers.Single(a => !a.IsSuccessStatusCode), HttpStatusCode.PreconditionFailed, "draft.changed-meanwhile");
            Assert.Equal(won["name"]!.GetValue<string>(), lost["theirs"]!["name"]!.GetValue<string>());
            Assert.Equal(won.Revision(), lost["theirs"]!.Revision());
            draft = won;
            losses++;
        }
        TestContext.Current.SendDiagnosticMessage($"R12, N {rounds}, silent overwrites 0, bound {3.0 / rounds:P0}");
        Assert.Equal(rounds, losses);
    }

    [Fact]
    public async Task R12_an_hour_old_page_cannot_save_and_a_save_without_an_etag_is_told_to_send_one()
    {
        await using var looper = new LooperApp();
        var client = await looper.SignedInAsync(Role.Engineer);
        var old = await client.CreateDraftAsync("checkout-banner");
        using var newer = await client.SaveAsync(old, old.Revision());
        newer.EnsureSuccessStatusCode();
        using var late = await client.SaveAsync(old, old.Revision());
        await Problem.IsAsync(late, HttpStatusCode.PreconditionFailed, "draft.changed-meanwhile");
        using var published = await client.PublishAsync(old);
        await Problem.IsAsync(published, HttpStatusCode.PreconditionFailed, "draft.changed-meanwhile");
        using var bare = await client.PutAsJsonAsync($"/api/drafts/{old["id"]}", new { key = "x", name = "x", description = "", content = new { shape = "binary", @default = "false" } });
        await Problem.IsAsync(bare, HttpStatusCode.PreconditionRequired, "draft.revision-required");
    }

    [Theory]
    [InlineData("""{"template":"pick-a-variant","key":"abc","name":"A","colour":"red"}""")]
    [InlineData("""{"key":"abc","name":"A","content":{"shape":"choice","default":"a","windows":[]}}""")]
    [InlineData("""{"key":"abc","name":"A","content":{"shape":"choice","default":"a","outcomes":[{"name":"x","kind":"boolean","window":"soon"}]}}""")]
    [InlineData("""{"key":"abc","name":"A","content":{"shape":"choice"}}""")]
    [InlineData("""{"key":"abc","key":"def"}""")]
    [InlineData("""{"key":""")]
    public async Task Unknown_fields_and_wrong_types_are_refused_with_400(string body)
    {
        await using var looper = new LooperApp();
        var client = await looper.SignedInAsync(Role.Engineer);
        using var answer = await client.PostAsync("/api/drafts", new StringContent(body, Encoding.UTF8, "application/json"));
        await Problem.IsAsync(answer, HttpStatusCode.BadRequest, "request.malformed");
    }

    [Fact]
    public async Task R8_poison_over_http_is_refused_and_never_a_fault()
    {
        await using var looper = new LooperApp();
        var client = await looper.SignedInAsync(Role.Engineer);
        string[] contents =
        [
            """{"shape":"choice","default":"a","options":[null,null]}""",
            """{"shape":"choice","default":"a","options":[{"key":null}]}""",
            """{"shape":"choice","default":"a","goal":{"terms":[null]}}""",
            """{"shape":"choice","default":"a","outcomes":[{"name":"x","kind":"number","absent":1e999}]}""",
            """{"shape":"choice","default":"a","rollout":{"share":1e999}}""",
            """{"shape":"choice","default":"a","policy":{"kind":"random","weights":null}}""",
            """{"shape":"choice","default":"\u0000\u202e"}""",
            """{"shape":"value","default":"NaN"}""",
            """{"shape":"choice","default":"a","features":[{"name":"..","kind":"number"},{"name":"@option","kind":"number"}]}""",
        ];
        foreach (var content in contents)
        {
            using var created = await client.PostAsync("/api/drafts", new StringContent($$"""{"key":"poison","name":"Poison","content":{{content}}}""", Encoding.UTF8, "application/json"));
            if (!created.IsSuccessStatusCode)
            {
                Assert.InRange((int)created.StatusCode, 400, 422);
                continue;
            }
            using var published = await client.PublishAsync(await created.ReadAsync(HttpStatusCode.Created));
            await Problem.IsAsync(published, HttpStatusCode.UnprocessableEntity, "blueprint.invalid");
        }
    }

    [Fact]
    public async Task A_sample_is_read_against_the_draft_and_not_kept()
    {
        await using var looper = new LooperApp();
        var client = await looper.SignedInAsync(Role.Engineer);
        var draft = await client.CreateDraftAsync("checkout-banner");
        using var answer = await client.PostAsJsonAsync($"/api/drafts/{draft["id"]}/infer", new { sample = """{"country":"NL","email":"anna@example.org","revenue":3}""" });
        var read = await answer.ReadAsync(HttpStatusCode.OK);
        Assert.Equal([true, false, false], read["fields"]!.AsArray().Select(f => f!["use"]!.GetValue<bool>()));
        Assert.Equal("a•••", read["fields"]![1]!["examples"]![0]!.GetValue<string>());
        using var bad = await client.PostAsJsonAsync($"/api/drafts/{draft["id"]}/infer", new { sample = "{\"a\":1 \"b\":2}" });
        await Problem.IsAsync(bad, HttpStatusCode.UnprocessableEntity, "sample.invalid");
        Assert.DoesNotContain("example.org", await client.GetStringAsync($"/api/drafts/{draft["id"]}"));
    }

    [Theory, InlineData(Role.Viewer), InlineData(Role.Analyst)]
    public async Task Who_may_not_edit_is_told_which_role_may(Role role)
    {
        await using var looper = new LooperApp();
        var draft = await (await looper.SignedInAsync(Role.Engineer)).CreateDraftAsync("checkout-banner");
        var client = await looper.SignedInAsync(role);
        using var create = await client.PostAsJsonAsync("/api/drafts", new { });
        await Problem.IsAsync(create, HttpStatusCode.Forbidden, "access.denied");
        using var publish = await client.PublishAsync(draft);
        await Problem.IsAsync(publish, HttpStatusCode.Forbidden, "access.denied");
        using var read = await client.GetAsync($"/api/drafts/{draft["id"]}");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
    }
}

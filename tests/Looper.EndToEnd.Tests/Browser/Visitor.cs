using Deque.AxeCore.Commons;
using Looper.Testing.Servers;
using Microsoft.Playwright;

namespace Looper.EndToEnd.Tests.Browser;

/// <summary>A person at a browser. What no page may do is written down while they walk, and fails the test when they leave:
/// an error in the console, an unhandled exception, a request to another host.</summary>
public sealed class Visitor : IAsyncDisposable
{
    public const string Email = "ada@example.org", Password = "nine quiet herons by the canal";

    // Run where the page is: RunAxe carries every node that is sound to another page and back, which takes six times as long.
    private const string Judge = """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
            .filter((one) => one.impact === 'serious' || one.impact === 'critical')
            .flatMap((one) => one.nodes.map((node) => `${one.impact} ${one.id}: ${node.html} (${[...node.any, ...node.all, ...node.none][0]?.message})`))
        """;

    private static readonly string s_axe = new BundledAxeScriptProvider().GetScript();
    private readonly LooperServer _looper;
    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];

    private Visitor(LooperServer looper, IBrowserContext context, IPage page) => (_looper, _context, Page) = (looper, context, page);

    public IPage Page { get; }

    /// <summary>Whether a fault is expected where this test goes: "status of 404" on a page that is not there.</summary>
    public Func<string, bool> Forgives { get; set; } = _ => false;

    public static async Task<Visitor> ComeAsync(LooperServer looper, IBrowserContext context)
    {
        var visitor = new Visitor(looper, context, await context.NewPageAsync());
        visitor.Page.SetDefaultTimeout(30_000);
        visitor.Page.Console += (_, message) => { if (message.Type == "error") visitor.Note($"console: {message.Text}"); };
        visitor.Page.PageError += (_, error) => visitor.Note($"exception: {error}");
        visitor.Page.Response += (_, response) => { if (response.Status >= 500) visitor.Note($"{response.Status} from {response.Url}"); };
        visitor.Page.Request += (_, request) =>
        {
            var address = new Uri(request.Url);
            if (address.Scheme is not ("data" or "blob") && !address.IsLoopback) visitor.Note($"request to another host: {request.Url}");
        };
        return visitor;
    }

    /// <summary>Makes the first account and is signed in, without walking through the pages for it.</summary>
    public Task SetUpAsync() => PostAsync("/api/setup", async () => (object)new { token = await _looper.SetupTokenAsync(), name = "Ada", email = Email, password = Password });

    /// <summary>Is signed in, without walking through the page for it.</summary>
    public Task SignInAsync() => PostAsync("/api/sign-in", () => Task.FromResult<object>(new { email = Email, password = Password }));

    /// <summary>Opens a page and waits until its circuit answers and its charts are drawn.</summary>
    public async Task OpenAsync(string path)
    {
        await Page.GotoAsync(path, new() { WaitUntil = WaitUntilState.Load });
        await ReadyAsync();
    }

    /// <summary>Waits until the page is interactive and has drawn what it has to draw.</summary>
    public async Task ReadyAsync()
    {
        await Page.WaitForFunctionAsync("() => !document.querySelector('script[src*=\"blazor.web\"]') || document.querySelector('[data-live=\"yes\"]')");
        await Page.WaitForFunctionAsync("() => !document.querySelector('.skeleton') && document.fonts.status === 'loaded'");
        await Page.WaitForFunctionAsync("() => [...document.querySelectorAll('figure.chart')].every((chart) => chart.dataset.picture === 'none' || !chart.querySelector('looper-chart')?.clientWidth || Number(chart.querySelector('looper-chart').dataset.drawn) === chart.querySelector('looper-chart').clientWidth)");
    }

    /// <summary>Faults that axe calls serious or critical, one line each.</summary>
    public async Task<IReadOnlyList<string>> BarriersAsync()
    {
        if (!await Page.EvaluateAsync<bool>("() => 'axe' in window")) await Page.EvaluateAsync(s_axe);
        return await Page.EvaluateAsync<string[]>(Judge);
    }

    /// <summary>Saves what is seen, whole page, into the ignored folder <c>tests/screenshots</c>.</summary>
    public Task PictureAsync(string name) => Page.ScreenshotAsync(new() { Path = System.IO.Path.Combine(Pictures.Folder, $"{name}.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        List<string> faults;
        lock (_faults) faults = _faults.FindAll(fault => !Forgives(fault));
        if (faults.Count == 0) return;
        var server = _looper.Log.Where(line => line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains(" WRN ", StringComparison.Ordinal)).TakeLast(10);
        Assert.Fail(string.Join('\n', [.. faults, "The server's last warnings:", .. server]));
    }

    private async Task PostAsync(string path, Func<Task<object>> body)
    {
        var answer = await _context.APIRequest.PostAsync(path, new() { DataObject = await body() });
        Assert.True(answer.Ok, $"{path}: {answer.Status} {await answer.TextAsync()}");
    }

    private void Note(string fault)
    {
        lock (_faults) _faults.Add($"{Page.Url}: {fault}");
    }
}

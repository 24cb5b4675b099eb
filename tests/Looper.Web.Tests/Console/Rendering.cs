using System.Text.RegularExpressions;
using Looper.Core;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.JSInterop;

namespace Looper.Web.Tests.Console;

/// <summary>Renders a component to HTML without a browser.</summary>
internal static class Rendering
{
    public static async Task<string> OfAsync<T>(string address = "http://localhost/", params (string Name, object? Value)[] parameters) where T : IComponent
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new TestClock()).AddSingleton<Ids>().AddSingleton<ChangeFeed>().AddSingleton<Notices>().AddSingleton<DatabaseAvailability>();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>)).AddSingleton<NavigationManager>(new StandsAt(address)).AddSingleton<IJSRuntime, NoScript>();
        await using var provider = services.BuildServiceProvider();
        await using var renderer = new HtmlRenderer(provider, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
            Readable((await renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(parameters.ToDictionary(p => p.Name, p => p.Value)))).ToHtmlString()));
    }

    // Letters beyond ASCII come out as entities; what could be markup stays escaped.
    private static string Readable(string html) => Regex.Replace(html, "&#x([0-9A-F]{2,5});", match =>
        Convert.ToInt32(match.Groups[1].Value, 16) is var code and > 127 ? char.ConvertFromUtf32(code) : match.Value);

    private sealed class StandsAt : NavigationManager
    {
        public StandsAt(string address) => Initialize("http://localhost/", address);
    }

    private sealed class NoScript : IJSRuntime
    {
        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) => throw new InvalidOperationException("There is no browser.");

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) => throw new InvalidOperationException("There is no browser.");
    }
}

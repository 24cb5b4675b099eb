using Looper.Core.Access;
using Looper.Web.Console.Shared;
using Looper.Web.Tests.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.HtmlRendering.Infrastructure;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.RenderTree;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Components.Web.HtmlRendering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

// The handlers of a page stand in its frames alone, whose types may change with the framework: a test may follow them.
#pragma warning disable BL0006

namespace Looper.Web.Tests.Console;

/// <summary>A page of the program as a circuit keeps it, without a browser: what is typed and pressed goes to its handlers.</summary>
internal sealed class LivePage : IAsyncDisposable
{
    private readonly AsyncServiceScope _scope;
    private readonly Circuit _circuit;
    private readonly HtmlRootComponent _root;

    private LivePage(AsyncServiceScope scope, Circuit circuit, HtmlRootComponent root) => (_scope, _circuit, _root) = (scope, circuit, root);

    public Notices Notices => _scope.ServiceProvider.GetRequiredService<Notices>();

    public static async Task<LivePage> OpenAsync<TPage>(LooperApp looper, Caller caller, params (string Name, object? Value)[] parameters) where TPage : IComponent
    {
        var scope = looper.Services.CreateAsyncScope();
        ((IHostEnvironmentNavigationManager)scope.ServiceProvider.GetRequiredService<NavigationManager>()).Initialize("http://localhost/", "http://localhost/");
        var circuit = new Circuit(scope.ServiceProvider);
        RenderFragment page = builder =>
        {
            builder.OpenComponent<TPage>(0);
            foreach (var (name, value) in parameters) builder.AddComponentParameter(1, name, value);
            builder.CloseComponent();
        };
        RenderFragment bounded = builder =>
        {
            builder.OpenComponent<PageErrors>(0);
            builder.AddComponentParameter(1, nameof(PageErrors.ChildContent), page);
            builder.CloseComponent();
        };
        var parts = new Dictionary<string, object?> { [nameof(CascadingValue<>.Value)] = caller, [nameof(CascadingValue<>.ChildContent)] = bounded };
        var root = await circuit.Dispatcher.InvokeAsync(async () =>
        {
            var begun = circuit.BeginRenderingComponent(typeof(CascadingValue<Caller>), ParameterView.FromDictionary(parts));
            await begun.QuiescenceTask;
            return begun;
        });
        return new(scope, circuit, root);
    }

    public Task<string> HtmlAsync() => _circuit.Dispatcher.InvokeAsync(_root.ToHtmlString);

    /// <summary>Types into the field with this id.</summary>
    public Task TypeAsync(string id, string text) => SendAsync("onchange", id, new ChangeEventArgs { Value = text });

    /// <summary>Goes on from the field with this id to another.</summary>
    public Task LeaveAsync(string id) => SendAsync("onblur", id, new FocusEventArgs());

    /// <summary>Sends the form of this part of the page.</summary>
    public Task SubmitAsync<TPart>() where TPart : IComponent => SendAsync("onsubmit", null, EventArgs.Empty, typeof(TPart));

    private Task SendAsync(string happened, string? id, EventArgs with, Type? part = null) =>
        _circuit.Dispatcher.InvokeAsync(() => _circuit.DispatchEventAsync(_circuit.HandlerOf(happened, id, part), null, with));

    public async ValueTask DisposeAsync()
    {
        await _circuit.Dispatcher.InvokeAsync(async () => await _circuit.DisposeAsync());
        await _scope.DisposeAsync();
    }

    private sealed class Circuit(IServiceProvider services) : StaticHtmlRenderer(services, NullLoggerFactory.Instance)
    {
        private readonly SortedDictionary<int, Type> _parts = [];

        protected override RendererInfo RendererInfo { get; } = new("Test", isInteractive: true);

        protected override ComponentState CreateComponentState(int componentId, IComponent component, ComponentState? parentComponentState)
        {
            _parts[componentId] = component.GetType();
            return base.CreateComponentState(componentId, component, parentComponentState);
        }

        public ulong HandlerOf(string happened, string? id, Type? part) =>
            _parts.Where(p => part is null || p.Value == part).Select(p => Find(p.Key, happened, id)).FirstOrDefault(h => h is not null)
            ?? throw new InvalidOperationException($"Nothing of the page hears {happened} of {id ?? part?.Name}.");

        // An element's attributes follow it, before what is in it.
        private ulong? Find(int component, string happened, string? id)
        {
            ArrayRange<RenderTreeFrame> frames;
            try
            {
                frames = GetCurrentRenderTreeFrames(component);
            }
            catch (ArgumentException)
            {
                return null; // gone from the page
            }
            for (var i = 0; i < frames.Count; i++)
            {
                if (frames.Array[i].FrameType != RenderTreeFrameType.Element) continue;
                var attributes = frames.Array.Take(frames.Count).Skip(i + 1).TakeWhile(f => f.FrameType == RenderTreeFrameType.Attribute).ToList();
                if (id is not null && !attributes.Any(a => a.AttributeName == "id" && a.AttributeValue as string == id)) continue;
                if (attributes.Where(a => a.AttributeName == happened).Select(a => (ulong?)a.AttributeEventHandlerId).FirstOrDefault() is { } handler) return handler;
            }
            return null;
        }
    }
}

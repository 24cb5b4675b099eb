using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

/// <summary>One server for the tests of a class that each keep to ids of their own: decision point <c>banner</c> and a key for it.</summary>
public sealed class BannerApp : IAsyncLifetime
{
    public LooperApp App { get; } = new();
    public HttpClient Client { get; private set; } = null!;
    public Guid Point { get; private set; }
    public EventReader Events => App.Get<EventReader>();

    public async ValueTask InitializeAsync()
    {
        Point = await App.PublishAsync("banner", ServedApp.Banner);
        Client = await App.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe);
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}

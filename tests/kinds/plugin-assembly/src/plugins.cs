// The plug-ins of this folder's manifest. `Microsoft.Xrm.Sdk` and `System.Activities` are stubs with one
// type each, so that nothing from outside is needed:
//     mcs -target:library -keyfile:throw-away.snk -out:Microsoft.Xrm.Sdk.dll sdk.cs
//     mcs -target:library -keyfile:throw-away.snk -out:System.Activities.dll activities.cs
//     mcs -target:library -optimize -keyfile:throw-away.snk -r:Microsoft.Xrm.Sdk.dll \
//         -r:System.Activities.dll -out:Contoso.Widgets.Plugins.dll plugins.cs
using System;
using System.Activities;
using Microsoft.Xrm.Sdk;

[assembly: System.Reflection.AssemblyVersion("1.4.0.0")]

namespace Contoso.Widgets.Plugins
{
    public abstract class PluginBase : IPlugin
    {
        public void Execute(IServiceProvider serviceProvider) { Run(); }
        protected abstract void Run();
    }

    public abstract class TypedBase<T> : PluginBase { }

    // Found: a plug-in itself.
    public class CheckSerialNumber : IPlugin
    {
        public void Execute(IServiceProvider serviceProvider) { }
    }

    // Found: through a class between.
    public class CountParts : PluginBase
    {
        protected override void Run() { }
    }

    // Found: through a generic class between.
    public class RateWidget : TypedBase<string>
    {
        protected override void Run() { }
    }

    // Found: an activity for workflows.
    public class PrintLabel : CodeActivity
    {
        protected override void Execute(object context) { }
    }

    // Not found: not public, not a plug-in, generic, nested.
    internal class Hidden : PluginBase { protected override void Run() { } }
    public class Helper { public class Inner : PluginBase { protected override void Run() { } } }
    public class Open<T> : PluginBase { protected override void Run() { } }
}

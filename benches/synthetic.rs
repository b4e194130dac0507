//! Writes a made-up solution folder of any size, in the shape of real ones: the same bytes on every machine.
//!
//!     cargo run --release --example synthetic -- FOLDER [SCALE [APPS]]
//!
//! SCALE 1 gives 400 tables, 7,000 web resources, 20,000 files and about 195 MB; the packed customizations.xml
//! has about 34 MB. Other scales multiply the numbers of components, not their sizes. APPS is a number of canvas apps of
//! about 5 MB each, whose `.msapp` files are zips as Power Apps Studio writes them: pictures and JSON, deflated.

#![allow(clippy::print_stdout, clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]

use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = "usage: synthetic FOLDER [SCALE [APPS]]";
    let folder = PathBuf::from(arguments.first().expect(usage));
    let scale: f64 = arguments.get(1).map_or(1.0, |text| text.parse().expect(usage));
    let apps: u32 = arguments.get(2).map_or(0, |text| text.parse().expect(usage));
    let many = |count: u32| ((f64::from(count) * scale).round() as u32).max(1);
    let mut tree = Tree { folder, random: Random(0x5eed), files: 0, bytes: 0, roots: String::new() };
    let words = words(&mut tree.random);
    for number in 0..many(400) {
        tree.table(number);
    }
    for number in 0..many(7000) {
        tree.web_resource(number, &words);
    }
    for number in 0..many(150) {
        tree.flow(number);
    }
    for number in 0..many(40) {
        tree.role(number);
    }
    for number in 0..many(60) {
        tree.choice(number);
    }
    for number in 0..many(400) {
        tree.relationships(number);
    }
    for number in 0..apps {
        tree.canvas_app(number, &words);
    }
    tree.frame();
    println!("{} files, {:.1} MB", tree.files, tree.bytes as f64 / 1e6);
}

/// `SplitMix64`: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn guid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a as u16,
            b >> 52,
            b & 0xfff,
            (b >> 4) & 0xffff_ffff_ffff
        )
    }

    /// Small numbers often, large ones seldom, as words in a text.
    fn skewed(&mut self, limit: u64) -> u64 {
        let unit = self.below(1 << 20) as f64 / f64::from(1 << 20);
        ((limit as f64).powf(unit) - 1.0) as u64
    }
}

/// Names as programs have them.
fn words(random: &mut Random) -> Vec<String> {
    const SYLLABLES: [&str; 24] = [
        "form",
        "context",
        "get",
        "set",
        "value",
        "attribute",
        "on",
        "load",
        "save",
        "grid",
        "row",
        "record",
        "lookup",
        "id",
        "name",
        "state",
        "change",
        "filter",
        "date",
        "user",
        "query",
        "async",
        "result",
        "control",
    ];
    let fixed = ["function", "return", "var", "const", "this", "if", "else", "null", "true", "executionContext"];
    let mut words: Vec<String> = fixed.map(str::to_owned).to_vec();
    while words.len() < 6000 {
        let mut word = String::new();
        for part in 0..=random.below(3) {
            let syllable = SYLLABLES[random.below(24) as usize];
            if part == 0 {
                word.push_str(syllable);
            } else {
                word.push_str(&syllable[..1].to_uppercase());
                word.push_str(&syllable[1..]);
            }
        }
        if random.below(3) == 0 {
            write!(word, "{}", random.below(100)).expect("a string");
        }
        words.push(word);
    }
    words
}

const HEAD: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n";
const XSI: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
const KINDS: [&str; 8] = ["nvarchar", "lookup", "picklist", "datetime", "money", "bit", "int", "memo"];

struct Tree {
    folder: PathBuf,
    random: Random,
    files: u64,
    bytes: u64,
    roots: String,
}

impl Tree {
    fn file(&mut self, name: &str, bytes: &[u8]) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder");
        fs::write(path, bytes).expect("a file");
        self.files += 1;
        self.bytes += bytes.len() as u64;
    }

    fn xml(&mut self, name: &str, body: &str) {
        let text = format!("{HEAD}{}", body.trim_end().replace('\n', "\r\n"));
        self.file(name, text.as_bytes());
    }

    /// A table: Entity.xml with its columns, five forms, five views, a ribbon, a chart.
    fn table(&mut self, number: u32) {
        let name = format!("syn_Table{number:04}");
        let logical = name.to_lowercase();
        let root = &mut self.roots;
        writeln!(root, "      <RootComponent type=\"1\" schemaName=\"{logical}\" behavior=\"0\" />").expect("a string");
        let columns = 15 + self.random.below(11);
        let mut attributes = String::new();
        for column in 0..columns {
            let kind = KINDS[self.random.below(8) as usize];
            let schema = format!("syn_{kind}{column:02}");
            writeln!(
                attributes,
                r#"        <attribute PhysicalName="{schema}">
          <Type>{kind}</Type>
          <Name>{schema}</Name>
          <LogicalName>{schema}</LogicalName>
          <RequiredLevel>none</RequiredLevel>
          <DisplayMask>ValidForAdvancedFind|ValidForForm|ValidForGrid</DisplayMask>
          <ImeMode>auto</ImeMode>
          <ValidForUpdateApi>1</ValidForUpdateApi>
          <ValidForReadApi>1</ValidForReadApi>
          <ValidForCreateApi>1</ValidForCreateApi>
          <IsCustomField>1</IsCustomField>
          <IsAuditEnabled>{}</IsAuditEnabled>
          <IsSecured>0</IsSecured>
          <IntroducedVersion>1.{}.0.0</IntroducedVersion>
          <IsCustomizable>1</IsCustomizable>
          <IsRenameable>1</IsRenameable>
          <CanModifySearchSettings>1</CanModifySearchSettings>
          <SourceType>0</SourceType>
          <IsSearchable>0</IsSearchable>
          <IsFilterable>0</IsFilterable>
          <IsRetrievable>0</IsRetrievable>
          <IsLocalizable>0</IsLocalizable>
          <Length>{}</Length>
          <displaynames>
            <displayname description="{} {column} of table {number}" languagecode="1033" />
          </displaynames>
          <Descriptions>
            <Description description="What the {kind} {} says &amp; who may &quot;see&quot; it" languagecode="1033" />
          </Descriptions>
        </attribute>"#,
                self.random.below(2),
                self.random.below(9),
                self.random.below(400) * 10,
                kind.to_uppercase(),
                self.random.below(100_000),
            )
            .expect("a string");
        }
        let body = format!(
            r#"<Entity {XSI}>
  <Name LocalizedName="Table {number}" OriginalName="Table {number}">{name}</Name>
  <ObjectTypeCode>{}</ObjectTypeCode>
  <EntityInfo>
    <entity Name="{name}">
      <LocalizedNames>
        <LocalizedName description="Table {number}" languagecode="1033" />
      </LocalizedNames>
      <attributes>
{attributes}      </attributes>
      <EntitySetName>{logical}s</EntitySetName>
      <OwnershipTypeMask>UserOwned</OwnershipTypeMask>
      <IntroducedVersion>1.0.0.0</IntroducedVersion>
    </entity>
  </EntityInfo>
  <FormXml />
  <SavedQueries />
  <RibbonDiffXml />
</Entity>"#,
            10_000 + number
        );
        self.xml(&format!("Entities/{name}/Entity.xml"), &body);
        for kind in ["main", "main", "main", "quick", "card"] {
            let id = self.random.guid();
            let form = self.form(&id, &logical, if kind == "main" { 14 } else { 4 });
            self.xml(&format!("Entities/{name}/FormXml/{kind}/{{{id}}}.xml"), &form);
        }
        for view in 0..5 {
            let id = self.random.guid();
            let query = self.view(&id, &logical, view);
            self.xml(&format!("Entities/{name}/SavedQueries/{{{id}}}.xml"), &query);
        }
        let chart = self.random.guid();
        let body = format!(
            "<visualization {XSI}>\n  <savedqueryvisualizationid>{{{chart}}}</savedqueryvisualizationid>\n  <datadescription>\n    <datadefinition>\n      <fetchcollection>\n        <fetch mapping=\"logical\" aggregate=\"true\">\n          <entity name=\"{logical}\">\n            <attribute name=\"{logical}id\" aggregate=\"count\" alias=\"count\" />\n          </entity>\n        </fetch>\n      </fetchcollection>\n    </datadefinition>\n  </datadescription>\n</visualization>"
        );
        self.xml(&format!("Entities/{name}/Visualizations/{{{chart}}}.xml"), &body);
        let mut ribbon = format!("<RibbonDiffXml {XSI}>\n  <CustomActions>\n");
        for button in 0..4 {
            writeln!(ribbon, "    <CustomAction Id=\"syn.{logical}.Button{button}.CustomAction\" Location=\"Mscrm.Form.{logical}.MainTab.Save.Controls._children\" Sequence=\"{}\">\n      <CommandUIDefinition>\n        <Button Alt=\"$LocLabels:syn.{logical}.Button{button}.Alt\" Command=\"syn.{logical}.Command{button}\" Id=\"syn.{logical}.Button{button}\" Image16by16=\"$webresource:syn_/images/i{}.png\" TemplateAlias=\"o1\" />\n      </CommandUIDefinition>\n    </CustomAction>", self.random.below(90), self.random.below(90) * 10 + 8).expect("a string");
        }
        ribbon.push_str("  </CustomActions>\n  <Templates>\n    <RibbonTemplates Id=\"Mscrm.Templates\"></RibbonTemplates>\n  </Templates>\n  <CommandDefinitions />\n  <RuleDefinitions>\n    <TabDisplayRules />\n    <DisplayRules />\n    <EnableRules />\n  </RuleDefinitions>\n  <LocLabels />\n</RibbonDiffXml>");
        self.xml(&format!("Entities/{name}/RibbonDiff.xml"), &ribbon);
    }

    fn form(&mut self, id: &str, table: &str, rows: u32) -> String {
        let mut cells = String::new();
        for row in 0..rows {
            let kind = KINDS[self.random.below(8) as usize];
            writeln!(
                cells,
                r#"                    <row>
                      <cell id="{{{}}}">
                        <labels>
                          <label description="{kind} {row}" languagecode="1033" />
                        </labels>
                        <control id="syn_{kind}{row:02}" classid="{{4273EDBD-AC1D-40d3-9FB2-095C621B552D}}" datafieldname="syn_{kind}{row:02}" disabled="false" />
                      </cell>
                    </row>"#,
                self.random.guid()
            )
            .expect("a string");
        }
        format!(
            r#"<forms {XSI}>
  <systemform>
    <formid>{{{id}}}</formid>
    <IntroducedVersion>1.0</IntroducedVersion>
    <FormPresentation>1</FormPresentation>
    <FormActivationState>1</FormActivationState>
    <form>
      <tabs>
        <tab verticallayout="true" id="{{{}}}" IsUserDefined="1">
          <labels>
            <label description="General" languagecode="1033" />
          </labels>
          <columns>
            <column width="100%">
              <sections>
                <section showlabel="false" showbar="false" IsUserDefined="0" id="{{{}}}">
                  <rows>
{cells}                  </rows>
                </section>
              </sections>
            </column>
          </columns>
        </tab>
      </tabs>
      <formLibraries>
        <Library name="syn_/scripts/r{}.js" libraryUniqueId="{{{}}}" />
      </formLibraries>
    </form>
    <IsCustomizable>1</IsCustomizable>
    <CanBeDeleted>1</CanBeDeleted>
    <LocalizedNames>
      <LocalizedName description="Information of {table}" languagecode="1033" />
    </LocalizedNames>
  </systemform>
</forms>"#,
            self.random.guid(),
            self.random.guid(),
            self.random.below(400) * 10,
            self.random.guid(),
        )
    }

    fn view(&mut self, id: &str, table: &str, number: u32) -> String {
        let (mut cells, mut columns) = (String::new(), String::new());
        for column in 0..5 + self.random.below(5) {
            let name = format!("syn_{}{column:02}", KINDS[self.random.below(8) as usize]);
            writeln!(cells, "          <cell name=\"{name}\" width=\"{}\" />", 100 + self.random.below(200))
                .expect("a string");
            writeln!(columns, "          <attribute name=\"{name}\" />").expect("a string");
        }
        format!(
            r#"<savedqueries {XSI}>
  <savedquery>
    <IsCustomizable>1</IsCustomizable>
    <CanBeDeleted>{}</CanBeDeleted>
    <isquickfindquery>0</isquickfindquery>
    <isprivate>0</isprivate>
    <isdefault>{}</isdefault>
    <savedqueryid>{{{id}}}</savedqueryid>
    <layoutxml>
      <grid name="resultset" jump="syn_name" select="1" icon="1" preview="1">
        <row name="result" id="{table}id">
{cells}        </row>
      </grid>
    </layoutxml>
    <querytype>{}</querytype>
    <fetchxml>
      <fetch version="1.0" mapping="logical">
        <entity name="{table}">
{columns}          <order attribute="syn_name" descending="false" />
          <filter type="and">
            <condition attribute="statecode" operator="eq" value="0" />
          </filter>
        </entity>
      </fetch>
    </fetchxml>
    <IntroducedVersion>1.0</IntroducedVersion>
    <LocalizedNames>
      <LocalizedName description="View {number} of {table}" languagecode="1033" />
    </LocalizedNames>
  </savedquery>
</savedqueries>"#,
            number & 1,
            u8::from(number == 0),
            number % 3,
        )
    }

    /// A web resource: its description and a payload; most are scripts, a quarter of the bytes pictures.
    fn web_resource(&mut self, number: u32, words: &[String]) {
        let id = self.random.guid();
        let (folder, letter, extension, kind) = match number % 10 {
            0..6 => ("scripts", 'r', "js", 3),
            6 => ("pages", 'p', "html", 1),
            7 => ("strings", 's', "resx", 12),
            _ => ("images", 'i', "png", 5),
        };
        let name = format!("syn_/{folder}/{letter}{number}.{extension}");
        let stored = format!("syn_{folder}{letter}{number}{extension}{}", id.to_uppercase());
        writeln!(self.roots, "      <RootComponent type=\"61\" schemaName=\"{name}\" behavior=\"0\" />")
            .expect("a string");
        let body = format!(
            r"<WebResource {XSI}>
  <WebResourceId>{{{id}}}</WebResourceId>
  <Name>{name}</Name>
  <DisplayName>{letter}{number}.{extension}</DisplayName>
  <Description>What {letter}{number} does on the form</Description>
  <LanguageCode>1033</LanguageCode>
  <WebResourceType>{kind}</WebResourceType>
  <IntroducedVersion>1.0.0.{}</IntroducedVersion>
  <IsEnabledForMobileClient>0</IsEnabledForMobileClient>
  <IsAvailableForMobileOffline>0</IsAvailableForMobileOffline>
  <IsCustomizable>1</IsCustomizable>
  <CanBeDeleted>1</CanBeDeleted>
  <IsHidden>0</IsHidden>
  <FileName>/WebResources/{stored}</FileName>
</WebResource>",
            number % 50
        );
        self.xml(&format!("WebResources/{name}.data.xml"), &body);
        // Many small files, few large ones: up to 2 MB.
        let size = match self.random.below(1000) {
            0 => 1_500_000 + self.random.below(600_000),
            1..20 => 150_000 + self.random.below(150_000),
            _ => 1_000 + self.random.skewed(75_000),
        } as usize;
        let payload = if extension == "png" { self.noise(size * 25 / 16) } else { self.text(size * 25 / 16, words) };
        self.file(&format!("WebResources/{name}"), &payload);
    }

    fn noise(&mut self, size: usize) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        while bytes.len() < size {
            bytes.extend(self.random.next().to_le_bytes());
        }
        bytes.truncate(size);
        bytes
    }

    /// Text that deflates as scripts do, to about a third.
    fn text(&mut self, size: usize, words: &[String]) -> Vec<u8> {
        const MARKS: [&str; 12] = [".", "(", ");\n", " = ", ", ", "    ", " {\n", "}\n", " + \"", "\")", "[", "]"];
        let mut text = String::with_capacity(size + 64);
        while text.len() < size {
            text.push_str(&words[self.random.skewed(words.len() as u64) as usize]);
            text.push_str(MARKS[self.random.skewed(12) as usize]);
            if self.random.below(16) == 0 {
                write!(text, "{}", self.random.below(1_000_000)).expect("a string");
            }
            // What was said once is said again.
            if text.len() > 400 && self.random.below(12) == 0 {
                let from = text.len() - 40 - self.random.below(360) as usize;
                let again = text[from..from + 40].to_owned();
                text.push_str(&again);
            }
        }
        text.into_bytes()
    }

    /// A canvas app: its description, and an `.msapp`, which does not shrink any more.
    fn canvas_app(&mut self, number: u32, words: &[String]) {
        let name = format!("syn_app{number:02}_{:05x}", self.random.below(1 << 20));
        writeln!(self.roots, "      <RootComponent type=\"300\" schemaName=\"{name}\" behavior=\"0\" />")
            .expect("a string");
        let document = format!("/CanvasApps/{name}_DocumentUri.msapp");
        self.xml(
            &format!("CanvasApps/{name}.meta.xml"),
            &format!(
                r#"<CanvasApp {XSI}>
  <Name>{name}</Name>
  <AppVersion>2024-01-01T00:00:00Z</AppVersion>
  <Status>Ready</Status>
  <CreatedByClientVersion>3.24013.15.0</CreatedByClientVersion>
  <MinClientVersion>3.24013.15.0</MinClientVersion>
  <Tags>{{}}</Tags>
  <IsCdsUpgraded>0</IsCdsUpgraded>
  <GalleryItemId xsi:nil="true"></GalleryItemId>
  <BackgroundColor>rgba(0, 176, 240, 1)</BackgroundColor>
  <DisplayName>App {number}</DisplayName>
  <Description xsi:nil="true"></Description>
  <CommitMessage xsi:nil="true"></CommitMessage>
  <Publisher></Publisher>
  <AuthorizationReferences>[]</AuthorizationReferences>
  <ConnectionReferences>{{}}</ConnectionReferences>
  <DatabaseReferences>{{}}</DatabaseReferences>
  <AppComponents>[]</AppComponents>
  <AppComponentDependencies>[]</AppComponentDependencies>
  <CanConsumeAppPass>1</CanConsumeAppPass>
  <CanvasAppType>0</CanvasAppType>
  <BypassConsent>0</BypassConsent>
  <AdminControlBypassConsent>0</AdminControlBypassConsent>
  <EmbeddedApp xsi:nil="true"></EmbeddedApp>
  <IntroducedVersion>1.0</IntroducedVersion>
  <CdsDependencies>{{"cdsdependencies":[]}}</CdsDependencies>
  <IsCustomizable>1</IsCustomizable>
  <DocumentUri>{document}</DocumentUri>
</CanvasApp>"#
            ),
        );
        let mut app = ZipWriter::new(Cursor::new(Vec::new()));
        let mut add = |name: String, bytes: &[u8]| {
            app.start_file(name, SimpleFileOptions::default()).expect("started");
            app.write_all(bytes).expect("written");
        };
        for picture in 0..40 {
            let size = 20_000 + self.random.below(120_000) as usize;
            add(format!("Assets\\Images\\{picture:08x}.png"), &self.noise(size));
        }
        for screen in 0..30 {
            let size = 100_000 + self.random.below(300_000) as usize;
            add(format!("Controls\\{screen}.json"), &self.text(size, words));
        }
        let app = app.finish().expect("finished").into_inner();
        self.file(document.trim_start_matches('/'), &app);
    }

    fn flow(&mut self, number: u32) {
        let id = self.random.guid();
        let file = format!("Workflows/Flow{number}-{}.json", id.to_uppercase());
        writeln!(self.roots, "      <RootComponent type=\"29\" id=\"{{{id}}}\" behavior=\"0\" />").expect("a string");
        self.xml(
            &format!("{file}.data.xml"),
            &format!(
                r#"<Workflow WorkflowId="{{{id}}}" Name="Flow {number}" {XSI}>
  <JsonFileName>/{file}</JsonFileName>
  <Type>1</Type>
  <Subprocess>0</Subprocess>
  <Category>5</Category>
  <Mode>0</Mode>
  <Scope>4</Scope>
  <StateCode>1</StateCode>
  <StatusCode>2</StatusCode>
  <IntroducedVersion>1.0.0.0</IntroducedVersion>
  <PrimaryEntity>none</PrimaryEntity>
  <LocalizedNames>
    <LocalizedName languagecode="1033" description="Flow {number}" />
  </LocalizedNames>
</Workflow>"#
            ),
        );
        let mut json =
            String::from("{\"properties\":{\"connectionReferences\":{},\"definition\":{\"triggers\":{},\"actions\":{");
        for action in 0..20 + self.random.below(60) {
            let comma = if action == 0 { "" } else { "," };
            write!(json, "{comma}\"Action_{action}\":{{\"type\":\"OpenApiConnection\",\"runAfter\":{{}},\"metadata\":{{\"operationMetadataId\":\"{}\"}},\"inputs\":{{\"parameters\":{{\"entityName\":\"syn_table{:04}s\",\"$top\":{}}}}}}}", self.random.guid(), self.random.below(400), self.random.below(5000)).expect("a string");
        }
        json.push_str("}}},\"schemaVersion\":\"1.0.0.0\"}");
        self.file(&file, json.as_bytes());
    }

    fn role(&mut self, number: u32) {
        let id = self.random.guid();
        writeln!(self.roots, "      <RootComponent type=\"20\" id=\"{{{id}}}\" behavior=\"0\" />").expect("a string");
        let mut body =
            format!("<Role id=\"{{{id}}}\" name=\"Role {number}\" isinherited=\"1\" {XSI}>\n  <RolePrivileges>\n");
        for table in 0..50 {
            for verb in ["Append", "AppendTo", "Create", "Delete", "Read", "Write"] {
                let level = ["Basic", "Local", "Deep", "Global"][self.random.below(4) as usize];
                writeln!(body, "    <RolePrivilege name=\"prv{verb}syn_Table{table:04}\" level=\"{level}\" />")
                    .expect("a string");
            }
        }
        body.push_str("  </RolePrivileges>\n</Role>");
        self.xml(&format!("Roles/Role {number}.xml"), &body);
    }

    fn choice(&mut self, number: u32) {
        let name = format!("syn_choice{number:03}");
        writeln!(self.roots, "      <RootComponent type=\"9\" schemaName=\"{name}\" behavior=\"0\" />")
            .expect("a string");
        let mut body = format!(
            "<optionset Name=\"{name}\" localizedName=\"Choice {number}\" description=\"\" {XSI}>\n  <OptionSetType>picklist</OptionSetType>\n  <IsGlobal>1</IsGlobal>\n  <options>\n"
        );
        for option in 0..12 {
            writeln!(body, "    <option value=\"77000{option:04}\" ExternalValue=\"\" IsHidden=\"0\">\n      <labels>\n        <label description=\"Option {option} of {number}\" languagecode=\"1033\" />\n      </labels>\n    </option>").expect("a string");
        }
        body.push_str("  </options>\n</optionset>");
        self.xml(&format!("OptionSets/{name}.xml"), &body);
    }

    fn relationships(&mut self, number: u32) {
        let mut body = format!("<EntityRelationships {XSI}>\n");
        for other in 0..3 {
            writeln!(body, "  <EntityRelationship Name=\"syn_table{number:04}_to{other}\">\n    <EntityRelationshipType>OneToMany</EntityRelationshipType>\n    <IsCustomizable>1</IsCustomizable>\n    <ReferencingEntityName>syn_Table{number:04}</ReferencingEntityName>\n    <ReferencedEntityName>syn_Table{other:04}</ReferencedEntityName>\n    <CascadeAssign>NoCascade</CascadeAssign>\n    <CascadeDelete>RemoveLink</CascadeDelete>\n    <CascadeShare>NoCascade</CascadeShare>\n    <ReferencingAttributeName>syn_lookup{other:02}</ReferencingAttributeName>\n  </EntityRelationship>").expect("a string");
        }
        body.push_str("</EntityRelationships>");
        self.xml(&format!("Other/Relationships/syn_Table{number:04}.xml"), &body);
    }

    /// The two files that hold the rest together.
    fn frame(&mut self) {
        let roots = std::mem::take(&mut self.roots);
        self.xml(
            "Other/Solution.xml",
            &format!(
                r#"<ImportExportXml version="9.1.0.643" SolutionPackageVersion="9.1" languagecode="1033" generatedBy="CrmLive" {XSI}>
  <SolutionManifest>
    <UniqueName>synthetic</UniqueName>
    <LocalizedNames>
      <LocalizedName description="Synthetic" languagecode="1033" />
    </LocalizedNames>
    <Descriptions />
    <Version>1.0.0.0</Version>
    <Managed>2</Managed>
    <Publisher>
      <UniqueName>synthetic</UniqueName>
      <LocalizedNames>
        <LocalizedName description="Synthetic" languagecode="1033" />
      </LocalizedNames>
      <Descriptions />
      <EMailAddress xsi:nil="true"></EMailAddress>
      <SupportingWebsiteUrl xsi:nil="true"></SupportingWebsiteUrl>
      <CustomizationPrefix>syn</CustomizationPrefix>
      <CustomizationOptionValuePrefix>77000</CustomizationOptionValuePrefix>
    </Publisher>
    <RootComponents>
{roots}    </RootComponents>
    <MissingDependencies />
  </SolutionManifest>
</ImportExportXml>"#
            ),
        );
        let sections = [
            "Entities",
            "Roles",
            "Workflows",
            "FieldSecurityProfiles",
            "Templates",
            "EntityMaps",
            "EntityRelationships",
            "OrganizationSettings",
            "optionsets",
            "WebResources",
            "CustomControls",
            "EntityDataProviders",
        ];
        let mut sections: String = sections.map(|section| format!("  <{section} />\n")).concat();
        if roots.contains("type=\"300\"") {
            sections.push_str("  <CanvasApps />\n");
        }
        self.xml(
            "Other/Customizations.xml",
            &format!("<ImportExportXml {XSI}>\n{sections}  <Languages>\n    <Language>1033</Language>\n  </Languages>\n</ImportExportXml>"),
        );
    }
}
